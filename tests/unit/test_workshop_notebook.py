"""The workshop's notebook from top to bottom: as a script, and live in a kernel with one line added."""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from tests.unit.test_workshop import PARTS, RATINGS
from tests.unit.workshop_notebook import CELLS, CHARTS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SECONDS = 180


@pytest.fixture(scope="module")
def places(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return {"folder": str(shared_data / "workshop"), "scratch": str(tmp_path_factory.mktemp("scratch"))}


@pytest.fixture(scope="module")
def script(places: dict[str, str]) -> dict[str, Any]:
    """Names of the notebook after it ran as one script, and what it printed."""
    names: dict[str, Any] = dict(places)
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec("\n".join(CELLS.values()), names)  # noqa: S102 (our own cells)
    return names | {"printed": printed.getvalue()}


def grid(cells: pd.DataFrame, marks: Any) -> str:
    drawn = np.full((10, 6), ".", object)
    drawn[cells.USER, cells.ITEM] = marks
    return "\n" + "".join(" ".join(map(str, line)) + "\n" for line in drawn)


def test_the_sample_is_the_workshops_in_its_order(script: dict[str, Any]) -> None:
    ratings, every = script["ratings"], script["df_ratings"]
    assert (len(script["users"]), len(script["items"]), len(ratings)) == (10, 6, 37)
    pd.testing.assert_frame_equal(ratings, every.loc[every.index.isin(ratings.index)])
    assert sorted(ratings.user_id.unique()) == [1, 2, 6, 7, 8, 10, 12, 13, 14, 16]
    assert sorted(ratings.movie_id.unique()) == [1, 50, 71, 82, 95, 176]
    interaction = script["interaction"]
    assert "Number of users:  10\nNumber of items:  6\n" in script["printed"]
    assert list(interaction) == ["user_id", "movie_id", "RATING", "TIMESTAMP", "USER", "ITEM"]
    pd.testing.assert_index_equal(interaction.index, ratings.index)
    assert grid(interaction, interaction.RATING.astype(str)) == RATINGS


def test_the_splits_are_the_workshops(script: dict[str, Any]) -> None:
    train, test = script["train"], script["test"]
    assert (len(train), len(test)) == (22, 15)
    assert grid(pd.concat([train, test]), ["T"] * 22 + ["x"] * 15) == PARTS
    assert [len(part) for part in script["by_file"]] == [22, 8, 7]
    pd.testing.assert_index_equal(pd.concat(script["by_file"]).index, script["interaction"].index)
    for parts in (script["by_time"], script["by_file"]):
        assert [part["split_index"].unique().tolist() for part in parts] == [[k] for k in range(len(parts))]


def test_the_model_its_factors_and_predictions(script: dict[str, Any]) -> None:
    assert "32 (128.00 B)" in script["printed"]
    assert (script["user_embedding"].shape, script["item_embedding"].shape) == ((10, 2), (6, 2))
    history = script["output"].history
    assert {name: len(values) for name, values in history.items()} == {"loss": 200, "val_loss": 200}
    assert history["loss"][-1] < history["loss"][0] / 2
    predictions = script["predictions"]
    assert list(predictions) == ["USER", "ITEM", "RATING"]
    assert predictions[["USER", "ITEM"]].to_numpy().tolist() == [[u, i] for u in range(10) for i in range(6)]
    expected = script["user_embedding"] @ script["item_embedding"].T
    np.testing.assert_allclose(predictions.RATING, expected.ravel(), atol=1e-5)
    for cell in CHARTS:
        assert eval(CELLS[cell], script).to_dict()  # noqa: S307 (our own cells)


class Kernel:
    """A kernel, and what came from it."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self.messages: list[dict[str, Any]] = []

    def run(self, code: str) -> list[dict[str, Any]]:
        """Run a cell; messages that came up to its end."""
        messages: list[dict[str, Any]] = []
        reply = self._client.execute_interactive(code, output_hook=messages.append, timeout=SECONDS)
        assert reply["content"]["status"] == "ok", "\n".join(reply["content"].get("traceback", []))
        return messages


@pytest.fixture(scope="module")
def kernel() -> Iterator[Kernel]:
    manager = pytest.importorskip("jupyter_client.manager", reason="needs ipykernel")
    pytest.importorskip("ipykernel")
    kernel, client = manager.start_new_kernel(kernel_name="python3")
    yield Kernel(client)
    client.stop_channels()
    kernel.shutdown_kernel(now=True)


def printed(messages: list[dict[str, Any]]) -> str:
    return "".join(one["content"]["text"] for one in messages if one["msg_type"] == "stream")


def pictures(messages: list[dict[str, Any]]) -> list[str]:
    """Digests of the frames that came before ``fit`` ended."""
    found = []
    for one in messages:
        content = one["content"]
        if one["msg_type"] == "stream" and "fit has ended" in content["text"]:
            break
        if one["msg_type"] == "comm_msg" and content["data"].get("content", {}).get("kind") == "frame":
            found.append(hashlib.sha256(b"".join(map(bytes, one["buffers"]))).hexdigest())
    return found


def test_one_line_more_makes_it_live_and_changes_nothing(
    kernel: Kernel, places: dict[str, str], script: dict[str, Any]
) -> None:
    kernel.run("; ".join(f"{name} = {place!r}" for name, place in places.items()))
    kernel.run("%load_ext recowidget")
    of_cell = {name: kernel.run(code) for name, code in CELLS.items()}
    shown = {
        name: [one["content"]["data"] for one in messages if one["msg_type"] == "display_data"]
        for name, messages in of_cell.items()
    }
    views = [data for data in shown["train"] if "application/vnd.jupyter.widget-view+json" in data]
    assert [data["text/plain"] for data in views] == [
        "LiveTraining(ExplicitMF: 10 users, 6 items, 37 ratings)"
    ]
    frames = pictures(of_cell["train"])
    print(f"{len(frames)} frames, {len(set(frames))} different")
    assert len(set(frames)) >= 10
    assert printed(of_cell["train"]) == "fit has ended\n"
    assert "Number of users:  10" in printed(of_cell["encode"])
    told = printed(kernel.run("import json; print(json.dumps(output.history))"))
    assert json.loads(told) == script["output"].history
    told = printed(kernel.run("print(predictions.to_json(double_precision=15))"))
    assert told.strip() == script["predictions"].to_json(double_precision=15)
    for cell in CHARTS:
        results = [one for one in of_cell[cell] if one["msg_type"] in {"execute_result", "display_data"}]
        assert len(results) == 1


IN_A_THREAD = """
import threading
other = ExplicitMF(n_users, n_items, 2)
thread = threading.Thread(target=lambda: other.fit(
    [train.USER, train.ITEM], train.RATING, batch_size=1, epochs=100, verbose=0))
thread.start()
thread.join()
print("fit has ended")
"""


def test_a_fit_in_a_thread_is_live_while_its_cell_waits(kernel: Kernel, places: dict[str, str]) -> None:
    kernel.run("; ".join(f"{name} = {place!r}" for name, place in places.items()))
    kernel.run("%load_ext recowidget")
    for name in ("import", "load", "sample", "encode", "split"):
        kernel.run(CELLS[name])
    frames = pictures(kernel.run(IN_A_THREAD))
    print(f"{len(frames)} frames, {len(set(frames))} different")
    assert len(set(frames)) >= 10
