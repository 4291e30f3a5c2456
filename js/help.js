/** What each panel shows, in a sentence, the formula behind it, and one of its words explained. */

/** @import { PanelName } from "./types.js" */

/**
 * @typedef {Object} Help
 * @property {string} what
 * @property {string} formula
 * @property {string} word
 * @property {string} meaning
 */

const FACTORS = {
  what: "The learned factors of the users and items in view: a row is a factor, a column a user or an item.",
  formula: "prediction = mean + user bias + item bias + Σ user factor k × item factor k",
  word: "Factor",
  meaning:
    "A number that is learned for each user and each item. Only products of the two count: a factor has no name and no sign of its own.",
};

/** @type {Record<PanelName, Help>} */
export const HELP = {
  ratings: {
    what: "The ratings that users gave to items: a row is a user, a column an item, the colour the rating.",
    formula: "filled = ratings / (users × items)",
    word: "Sparse",
    meaning: "Most users have rated few of the items, so most cells are empty. The model is to fill them.",
  },
  split: {
    what: "Which ratings the model learns from, and which are held out to test it.",
    formula: "ratings = train + validation + test, no rating in two of them",
    word: "Test part",
    meaning: "Ratings that training never sees. Only errors on them tell how well new ratings are predicted.",
  },
  predictions: {
    what: "What the model predicts for each user and item in view, in the colours of the ratings.",
    formula: "prediction = mean + user bias + item bias + Σ user factor k × item factor k",
    word: "Bias",
    meaning: "How far a user rates, or an item is rated, above or below the mean, whatever the other side.",
  },
  residuals: {
    what: "How far each prediction is from its rating, or from what a run before predicts that is compared with.",
    formula: "residual = rating − prediction; difference = prediction − prediction of that run",
    word: "Residual",
    meaning: "Above zero the prediction was too low, below zero too high. Cells without a rating have none.",
  },
  user_factors: FACTORS,
  item_factors: FACTORS,
  map: {
    what: "Users and items placed by their factors: items that lie together are rated alike.",
    formula: "place = (factors · first axis, factors · second axis)",
    word: "Main axes",
    meaning:
      "The two directions in which the factors differ most (PCA). They stay the same at all epochs, so movement is learning.",
  },
  loss: {
    what: "The error on the train part and on what is held out, after each epoch; dotted, what needs no model.",
    formula: "RMSE = √ mean (rating − prediction)²; MAE = mean |rating − prediction|",
    word: "Overfitting",
    meaning: "The test error rises while the train error falls: the model learns its sample by heart.",
  },
  cell: {
    what: "How the prediction for the selected user and item comes about, term by term.",
    formula: "prediction = mean + user bias + item bias + Σ user factor k × item factor k",
    word: "Term",
    meaning:
      "One summand: it adds to the prediction where both factors have one sign, and takes from it where not.",
  },
  user: {
    what: "What the model recommends to the selected user, which of it hits held-out ratings, and what the user rated.",
    formula: "NDCG = Σ hit at rank r / log₂(r + 1), as a share of the best that is possible",
    word: "Hit",
    meaning: "A recommended item that the user rated well in the part that is held out.",
  },
  item: {
    what: "The items most like the selected one, and who rated it.",
    formula: "similarity = cos(factors, factors) = a · b / (|a| |b|)",
    word: "Cosine",
    meaning:
      "1 where the factors point the same way, 0 where they have nothing in common, −1 where they are opposed.",
  },
  you: {
    what: "What the model recommends to a user it has not seen, from a few ratings of your own.",
    formula: "your factors = those that fit your ratings best, with the items' factors as they are",
    word: "Fold-in",
    meaning: "A new user's factors are found from their ratings alone; nothing else of the model changes.",
  },
  runs: {
    what: "The runs so far, each at its best epoch, to compare settings by.",
    formula: "best epoch = the one with the lowest held-out RMSE",
    word: "Run",
    meaning:
      "One training from the start, with one choice of settings. A reset after a change begins another.",
  },
  architecture: {
    what: "The layers of the model, and what feeds what.",
    formula: "parameters of an embedding = rows × factors",
    word: "Embedding",
    meaning: "A table with a row of numbers for each user or item. Training changes the numbers.",
  },
};
