"""The loss curves: metrics, scales, how well each epoch ranks, and what is said of the run."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.test_explorer import expect_epoch, open_notebook

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.browser.jupyter import Notebook

__all__ = ["open_notebook"]

pytestmark = pytest.mark.browser


def test_curves_are_told_in_three_metrics_with_the_ranking_and_what_a_teacher_would_say(
    open_notebook: Callable[..., Notebook],
) -> None:
    notebook = open_notebook(
        "explorer = rw.MFExplorer(ratings, n_factors=40, regularization=.005, epochs=12)\nexplorer",
        "_ = explorer.fit()",
        "errors = explorer.evaluate()\nf\"{errors['mae']:.3f} {errors['ndcg']:.3f}\"",
    )
    notebook.run(1)
    explorer = notebook.explorer(1)
    loss = explorer.panel("Loss curves")
    picture = loss.get_by_role("img")
    expect(picture).to_have_accessible_name(re.compile("^Root mean squared error by epoch.*item mean 0.97"))
    notebook.run(2)
    expect_epoch(explorer, 12)
    expect(loss).to_contain_text("Worse than the baseline user + item bias")
    loss.get_by_role("button", name=re.compile("more$")).click()
    expect(loss).to_contain_text(
        re.compile(r"The test loss rises since epoch \d+ while the train loss falls")
    )

    notebook.run(3)
    mae, ndcg = notebook.output(3).strip().splitlines()[-1].strip("'").split()[-2:]
    expect(loss).to_contain_text(f"NDCG@10 {ndcg}", timeout=30_000)
    for metric, said in [("MSE", "Mean squared error"), ("MAE", "Mean absolute error")]:
        button = loss.get_by_role("button", name=metric, exact=True)
        button.focus()
        notebook.page.keyboard.press("Enter")
        expect(button).to_have_attribute("aria-pressed", "true")
        expect(picture).to_have_accessible_name(re.compile(f"^{said} by epoch"))
    expect(picture).to_have_accessible_name(re.compile(f"at epoch 12 train 0.*, test {mae}"))
    linear = loss.locator(".rw-line.rw-test").get_attribute("d")
    loss.get_by_role("button", name="log", exact=True).click()
    expect(loss.locator(".rw-line.rw-test")).not_to_have_attribute("d", linear or "")
    # Rewound, the strip tells of the epoch that is shown.
    explorer.root.get_by_role("slider", name="Epoch").focus()
    notebook.page.keyboard.press("Home")
    expect(loss).not_to_contain_text(f"NDCG@10 {ndcg}")
