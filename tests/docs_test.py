"""Pages that are made of docstrings are up to date, and the links of all pages lead somewhere."""

import pathlib
import re

import pytest

from docs import generate

REPOSITORY = pathlib.Path(__file__).parents[1]
PAGES = [REPOSITORY / "README.md", REPOSITORY / "CONTRIBUTING.md"]
PAGES += sorted((REPOSITORY / "docs").rglob("*.md"))
MADE = generate.pages()


@pytest.mark.parametrize("path", MADE)
def test_a_page_made_of_docstrings_is_up_to_date(path):
    page = REPOSITORY / path
    if not page.exists() or page.read_text() != MADE[path]:
        pytest.fail(f"{path} is not what the sources say: run `make docs`", pytrace=False)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(REPOSITORY)))
def test_links_lead_somewhere(page):
    links = re.findall(r"\]\((?!https?:)([\w./-]+)(?:#[\w-]+)?\)", page.read_text())
    assert [link for link in links if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("path", generate.files("tfgan_apps", "**/*.py"), ids=str)
def test_a_file_says_what_it_is_for(path):
    assert generate.sentence(generate.parse(path))


def test_every_system_is_found_with_its_paper_and_command():
    rows = MADE["docs/systems.md"].splitlines()
    (cyclegan,) = [row for row in rows if row.startswith("| [`CycleGAN`]")]
    for part in (
        "| translates between two sets of images without pairs, by cycle consistency |",
        "| [Zhu et al. 2017](https://arxiv.org/abs/1703.10593) |",
        "| `tfgan cyclegan` [runs](../apps/flags/cyclegan) |",
        "[image files in, PNG files out](../tfgan_apps/serving/kinds/image_to_image.py)",
        "| a generator 11,378,179, a discriminator 2,764,737; all four 28,285,832 |",
        "(results/cyclegan.md): 0.2",
    ):
        assert part in cyclegan
    years = re.findall(r"\| \[[^]]* (\d{4})\]\(", "\n".join(rows))
    assert len(years) == len(generate.systems())
    assert years == sorted(years)


@pytest.mark.parametrize("path", [path for path, _ in generate.systems()], ids=str)
def test_parameters_that_a_system_states_are_counted_by_its_tests(path):
    name = path.relative_to("tfgan_apps/models").parts[0].removesuffix(".py")
    folder = generate.REPOSITORY / "tests" / "models"
    files = [*folder.glob(f"{name}_test.py"), *folder.glob(f"{name}/*_test.py")]
    counted = "".join(file.read_text() for file in files)
    stated = re.findall(r"\d+(?:,\d{3})+", generate.parameters(path))
    assert [number for number in stated if number.replace(",", "_") not in counted] == []


def test_every_experiment_has_a_line_in_the_summary():
    summary = MADE["docs/results/README.md"]
    text = "".join(page.read_text() for page in PAGES if page.parent.name == "results")
    commands = set(re.findall(r"^    (python -m tests\.experiments\..*)$", text, re.M))
    assert commands == set(re.findall(r"`(python -m tests\.experiments\..*)`", summary))
