/**
 * The contract between Python and the browser, and the shapes the modules here pass around.
 * Names are the same snake_case on both sides; a Python test compares `Traits` with the synced traits of Python's LiveView.
 */

/**
 * @typedef {Object} Traits
 * @property {Settings} settings
 * @property {State} state
 * @property {Summary} summary
 * @property {Packed} window
 * @property {Packed} frame the state of training when the widget was displayed
 * @property {Layer[]} architecture empty before the model is built
 * @property {number | null} cursor the epoch that is shown; null: what there is now
 * @property {Selected} selected
 * @property {Proposed | null} proposed null where there are no controls
 * @property {RunRow[]} run_table
 * @property {Packed | {}} points who and what is on the map of factors; empty where there is none
 * @property {[item: number, rating: number | null][]} your_ratings of who sits before it
 * @property {EditList | null} edit_list null where ratings can't be edited
 * @property {PanelName[]} panels which are shown, in their order
 * @property {string} name what the widget is called
 * @property {boolean} has_controls whether buttons drive the training
 * @property {boolean} has_header whether data and settings are told of
 * @property {boolean} has_status whether there is a training whose status is told
 * @property {boolean} is_compact whether what is shown is small
 */

/** @typedef {"ratings" | "split" | "predictions" | "residuals" | "user_factors" | "item_factors" | "map" | "loss" | "cell" | "user" | "item" | "you" | "runs" | "architecture"} PanelName */

/**
 * Indices of what all views of a run point at, null where nothing is selected. `user` and `item` are the pair that is
 * looked at closely, and are selected even where they are not named among all.
 *
 * @typedef {Object} Selected
 * @property {number | null} user
 * @property {number | null} item
 * @property {number[]} [users] all that are selected
 * @property {number[]} [items] all that are selected
 */

/**
 * Who and what is on the map of factors.
 *
 * @typedef {Object} Points
 * @property {Int32Array} user_idx
 * @property {Int32Array} item_idx
 * @property {Int32Array} user_count ratings of each
 * @property {Int32Array} item_count
 * @property {Float32Array} user_mean NaN where there is no rating
 * @property {Float32Array} item_mean
 * @property {Int32Array} item_genre a number in `genres`, -1 for none of them
 * @property {string[]} user_ids
 * @property {string[]} item_ids
 * @property {string[] | null} user_titles
 * @property {string[] | null} item_titles
 * @property {number} usual_users so many are there as the most active; those after them, as they are selected
 * @property {number} usual_items
 * @property {string[]} genres the most common, none where they are not known
 */

/**
 * Where users and items are on the map.
 *
 * @typedef {Object} MapPlaces
 * @property {Int32Array} user_idx
 * @property {Int32Array} item_idx
 * @property {Float32Array} users (users, 2)
 * @property {Float32Array} items (items, 2)
 */

/**
 * One layer of the model.
 *
 * @typedef {Object} Layer
 * @property {string} name
 * @property {string} kind
 * @property {(number | null)[] | null} output_shape null in it for the batch; null where not known
 * @property {number} n_parameters
 * @property {string[]} inputs names of the layers that feed it
 * @property {boolean} trainable
 */

/** @typedef {"model" | "n_factors" | "batch_size" | "seed" | "split" | "test_share" | "learning_rate" | "regularization" | "epochs" | "early_stopping"} ControlName */

/**
 * What the controls ask for.
 *
 * @typedef {Object} Proposed
 * @property {Record<ControlName, string | number | null>} values that the next reset takes
 * @property {Partial<Record<ControlName, {value: string, reason: string}>>} refused
 * @property {Partial<Record<ControlName, string>>} disabled and why
 * @property {{model: string[], split: string[]}} choices
 * @property {ControlName[]} now which apply without a reset
 */

/**
 * A run: one that is kept, or the one under way, which comes last.
 *
 * @typedef {Object} RunRow
 * @property {number} run
 * @property {string} name given by the user, or empty
 * @property {Settings} settings
 * @property {string} engine
 * @property {number} best_epoch
 * @property {number | null} test_rmse at the best epoch
 * @property {number | null} ndcg at 10, at the best epoch; null where it is not known yet
 * @property {number} seconds
 * @property {boolean} is_live whether it is the one under way
 * @property {boolean} [is_pinned] whether predictions are compared with its
 * @property {boolean} is_shown
 * @property {[epoch: number, test_mse: number | null][]} curve of a kept run
 */

/** @typedef {"idle" | "loading" | "running" | "paused" | "stopped" | "finished" | "failed"} Status */

/**
 * @typedef {Object} Settings
 * @property {string} model
 * @property {string} split
 * @property {number[]} shares two or three parts: train, (validation,) test
 * @property {number | null} seed
 * @property {number | null} n_factors
 * @property {number | null} learning_rate
 * @property {number | null} regularization
 * @property {number | null} batch_size
 * @property {number | null} epochs
 * @property {number | null} early_stopping epochs without a better one
 * @property {string} engine
 */

/**
 * @typedef {Object} State
 * @property {Status} status
 * @property {string} message the whole error text when failed
 * @property {string} reason why it finished before the planned epochs: "early stopping", "callback", or empty
 * @property {number} run counts the resets
 * @property {number} epoch when the status changed
 * @property {number} batch when the status changed
 * @property {number} epochs the planned last epoch when the status changed
 * @property {boolean} is_building TensorFlow is being loaded and the model built, ahead of the first training
 * @property {boolean} is_waited_for a cell waits for the training: an interrupt of the kernel pauses it
 * @property {{name: string, reason: string} | null} engine what trains the model and why, where there is a choice
 * @property {boolean} has_halves whether users can be trained without the items, and the other way round
 * @property {"both" | "users" | "items"} updates what is trained
 * @property {string} speed of Play: "full", epochs a second, or "slow" for single batches
 */

/**
 * @typedef {Object} Summary
 * @property {number} n_users
 * @property {number} n_items
 * @property {number} n_ratings
 * @property {[number, number]} rating_scale
 * @property {number} n_train
 * @property {number} n_validation
 * @property {number} n_test
 * @property {number} n_cold_users
 * @property {number} n_cold_items
 * @property {number} n_users_without_test
 * @property {{name: string, test_rmse: number, test_mae?: number}[]} baselines
 * @property {string} loss_name what the root of the losses is called: "RMSE", or as a history calls it
 * @property {string} no_predictions why there are none, empty where there may be
 * @property {{user: string, item: string, rating: string | null, timestamp: string | null}} columns
 * @property {number} run
 * @property {number} data grows with every other data that the widget looks at
 * @property {number} edits grows with every change of that data
 */

/** @typedef {"train" | "validation" | "test"} PartName */

/**
 * A rating that was set, erased or moved.
 *
 * @typedef {Object} EditLine
 * @property {number} user index
 * @property {number} item index
 * @property {string} user_id
 * @property {string} item_id
 * @property {string | null} title of the item
 * @property {{rating: number, part: PartName} | null} before null where there was none
 * @property {{rating: number, part: PartName} | null} after null where there is none
 * @property {number} epoch at which it was made
 */

/**
 * @typedef {Object} EditList
 * @property {number} n that count
 * @property {number} n_undone that can be made again
 * @property {EditLine[]} last the latest first
 * @property {{user: number | null, item: number | null, reason: string} | null} refused of what was last asked for
 */

/**
 * Arrays as they travel. In a trait the buffers lie in the value; in a message they come beside it.
 *
 * @typedef {Object} Packed
 * @property {string} [kind]
 * @property {{name: string, dtype: "int32" | "float32" | "uint8", shape: number[]}[]} arrays
 * @property {Buffer[]} [buffers]
 */

/** @typedef {DataView | ArrayBuffer | Uint8Array} Buffer */
/** @typedef {Int32Array | Float32Array | Uint8Array} Numbers */

/** @typedef {[start: number, stop: number]} Range */

/**
 * A rectangle of the matrix in view order: positions, not indices.
 *
 * @typedef {Object} Rect
 * @property {Range} users
 * @property {Range} items
 */

/** @typedef {"user" | "item"} Side */

/**
 * By what one side is sorted.
 *
 * @typedef {Object} Told
 * @property {number} serial grows with each order of this side
 * @property {string} by
 * @property {number | null} of whose predictions, by index
 * @property {string | null} name of that one
 * @property {number | null} epoch of what the model knew, where it is sorted by that
 */

/**
 * The observed ratings of a rectangle, and who and what its rows and columns are.
 *
 * @typedef {Object} WindowData
 * @property {Range} users
 * @property {Range} items
 * @property {string[]} user_ids
 * @property {string[]} item_ids
 * @property {string[] | null} item_titles
 * @property {string[] | null} user_titles
 * @property {string[] | null} user_details what else is known of each user
 * @property {Int32Array} user_idx one a row
 * @property {Int32Array} item_idx one a column
 * @property {Int32Array} cell row * columns + column, of each observed rating
 * @property {Float32Array} rating
 * @property {Uint8Array} part 0 train, 1 validation, 2 test
 * @property {Sorted} order in which its positions count
 */

/** @typedef {{user: Told, item: Told}} Sorted */

/**
 * @typedef {Object} Factors
 * @property {number} n_factors
 * @property {[number, number] | null} rating_range where the sum is log-odds of a rating between these
 * @property {number} global_mean
 * @property {Int32Array} user_idx
 * @property {Int32Array} item_idx
 * @property {Float32Array} user_factors (users, n_factors)
 * @property {Float32Array} item_factors (items, n_factors)
 * @property {Float32Array} user_bias
 * @property {Float32Array} item_bias
 */

/**
 * What a model predicts that is no dot product, for the users and items looked at.
 *
 * @typedef {Object} Block
 * @property {Int32Array} user_idx
 * @property {Int32Array} item_idx
 * @property {Float32Array} predictions (users, items)
 * @property {Float32Array} [deviations] (users, items): standard deviation of each, where the model knows
 */

/** @typedef {Factors | Block} Source what predictions come from */

/**
 * The factors of some users or of some items.
 *
 * @typedef {Object} FactorTable
 * @property {number} n_factors
 * @property {Float32Array} values (rows, n_factors), rows as `user_idx` or `item_idx` of the frame
 */

/** @typedef {{user: FactorTable | null, item: FactorTable | null}} Tables */

/**
 * Where training stands.
 *
 * @typedef {Object} Progress
 * @property {number} frame
 * @property {number} run
 * @property {number} epoch epochs done
 * @property {number} batch batches done in the epoch under way
 * @property {number} n_batches
 * @property {number} epochs the planned last epoch
 * @property {number | null} rate ratings a second
 * @property {number | null} seconds_left
 * @property {number | null} running_mse
 * @property {number | null} restored the epoch whose weights these are, where they were put back
 */

/**
 * @typedef {Object} LossRows
 * @property {Int32Array} epoch_number
 * @property {Float32Array} train_mse
 * @property {Float32Array} validation_mse NaN where there is none
 * @property {Float32Array} test_mse NaN where there is none
 */

/**
 * What predicts at one moment.
 *
 * @typedef {Object} Moment
 * @property {Source | null} source null before the model is built
 * @property {Tables} tables factors, whatever the model makes of them
 * @property {{user_idx: Int32Array, item_idx: Int32Array}} rows whose predictions and factors these are
 * @property {MapPlaces | null} map null where there is none, or nothing to place
 * @property {BinnedMoment[]} [overviews] what predicts the whole matrix, as views have it binned
 */

/**
 * How a view has the whole matrix binned: positions that follow each other share a row or a column.
 *
 * @typedef {Object} Binning
 * @property {number} rows
 * @property {number} columns
 * @property {{user: number, item: number}} order serials of the orders that positions are in
 */

/**
 * The ratings of the whole matrix, for each part one after the other.
 *
 * @typedef {Object} BinnedRatings
 * @property {Int32Array} count (3, rows, columns)
 * @property {Float32Array} mean (3, rows, columns), NaN where there is no rating
 */

/** @typedef {Binning & BinnedRatings} Binned */

/**
 * What the model makes of the whole matrix.
 *
 * @typedef {Object} BinnedPredictions
 * @property {Source | null} source of mean predictions, a row and a column for each of the bins
 * @property {(Float32Array | null)[]} residuals means of each part, NaN where there is none
 * @property {number} n_cells so many cells of each bin are predicted; 0: all
 * @property {number} n_residuals so many ratings have residuals
 */

/** @typedef {Binning & BinnedPredictions} BinnedMoment */

/**
 * What a kept run predicts, which predictions are compared with.
 *
 * @typedef {Object} Pinned
 * @property {number} run
 * @property {Source} source
 * @property {{user_idx: Int32Array, item_idx: Int32Array}} rows whose predictions these are
 */

/**
 * @typedef {Object} Frame
 * @property {boolean} [wants_answer] whether the kernel is to be told when it is drawn
 * @property {Progress} progress
 * @property {LossRows} losses
 * @property {number} stride of the epochs that are kept, 0 where none is
 * @property {Moment} moment
 * @property {number} [map_version] grows with other axes of the map and other points on it
 */

/**
 * A user or an item that a search has found.
 *
 * @typedef {Object} Match
 * @property {Side} side
 * @property {number} index
 * @property {number} position in the order that the answer names
 * @property {string} id
 * @property {string | null} title
 * @property {number} n_ratings
 */

/**
 * @typedef {Object} Found
 * @property {number} serial of the question
 * @property {Match[]} matches the best first
 * @property {Side | null} [side] that was searched alone
 * @property {{user: number, item: number}} order serials of the orders that positions are in
 */

/** @typedef {"play" | "pause" | "reset" | "step batch" | "step epoch"} Command */

export {};
