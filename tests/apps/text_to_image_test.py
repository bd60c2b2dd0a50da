"""The text-to-image app, and those that draw from its runs, started as a user starts them."""

import json

import numpy as np
import pytest
import tensorflow as tf

from tests.apps.conftest import call, evaluated_as_reported, median_rank
from tfgan_apps.run_directory import RunDirectory
from tfgan_apps.text_encoders import load_text_encoder

TINY = {
    **{"image_size": 16, "load_size": 18, "captions_per_example": 2, "batch_size": 4, "epochs": 2},
    **{"encoder_epochs": 1, "encoder_length": 57, "encoder_filters": "4,4,4", "embedding_size": 6},
    **{"encoder_image_filters": 4, "latent_size": 5, "text_size": 4, "generator_filters": 4},
    **{"discriminator_filters": 4, "interpolation_weight": 1.0, "samples": 2},
    "encoder_whiten": True,
}
TEXTS = ["all of it is red", "größer"]


@pytest.fixture(scope="module")
def trained(patches, tmp_path_factory):
    """The directory of a finished run with an export, and what it printed."""
    run_dir = tmp_path_factory.mktemp("text_to_image") / "run"
    saved = {"run_dir": run_dir, "saved_model": run_dir.parent / "saved_models" / "tiny"}
    done = call("text_to_image", dataset=patches, **saved, **TINY)
    assert done.returncode == 0, done.stderr
    return run_dir, done.stdout


def served(run_dir, texts, seeds):
    """Returns the PNG files that the export gives for each text with each seed."""
    saved_model = run_dir.parent / "saved_models" / "tiny" / "1"
    serve = tf.saved_model.load(str(saved_model)).signatures["serving_default"]
    pairs = [(text, seed) for text in texts for seed in seeds]
    text, seed = (tf.constant(values) for values in zip(*pairs, strict=True))
    return list(serve(text=text, seed=seed)["image_bytes"].numpy())


def steps(run_dir):
    lines = (run_dir / "metrics.jsonl").read_text().splitlines()
    return [json.loads(line)["step"] for line in lines]


def first_stage(run_dir):
    """The trained `CaptionEncoder` of a run."""
    return RunDirectory(str(run_dir / "caption_encoder")).load()[0]


def test_a_run_has_two_stages(trained, patches):
    run_dir, out = trained
    assert steps(run_dir / "caption_encoder") == [3] and steps(run_dir) == [3, 6]
    rows = json.loads((run_dir / "evaluation.json").read_text())
    assert list(rows) == ["real images", "untrained", "last"]
    expected = median_rank(first_stage(run_dir), patches)
    assert rows["real images"]["image_to_text_median_rank"] == expected
    assert rows["untrained"].keys() == rows["last"].keys() == rows["real images"].keys()
    log = (run_dir / "metrics.jsonl").read_text().splitlines()
    assert rows["last"].items() <= json.loads(log[-1]).items()
    assert "| last" in out


def test_evaluate_finds_the_numbers_of_the_report(trained, tmp_path):
    evaluated_as_reported(trained[0], tmp_path)


def test_sheets_show_captions_above_images(trained):
    sheet = tf.io.decode_png((trained[0] / "samples" / "epoch_0002.png").read_bytes()).numpy()
    assert sheet.shape == (15 + 2 * (15 + 96) + 4, 5 * 96 + 4 * 4, 3)
    assert 0 < np.mean(sheet[15:30] < 128) < 0.2  # ink
    assert np.all(sheet[30:126, :96] == [255, 0, 0])  # the real image


def test_generate_writes_the_files_that_the_export_gives(trained):
    run_dir, _ = trained
    done = call("generate", f"--text={TEXTS[1]}", run_dir=run_dir, text=TEXTS[0], seeds="3,-4")
    assert done.returncode == 0, done.stderr
    stems = ["größer_3", "größer_-4", "all-of-it-is-red_3", "all-of-it-is-red_-4"]
    paths = [run_dir / "generated" / f"{stem}.png" for stem in stems]
    assert done.stdout.splitlines() == list(map(str, paths))
    assert done.stderr == "in no caption of the training: größer (of 'größer')\n"
    expected = served(run_dir, TEXTS[::-1], [3, -4])
    assert [path.read_bytes() for path in paths] == expected
    assert expected[0] != expected[1] and expected[2] != expected[3]


def test_a_sheet_on_the_way_between_captions(trained, tmp_path):
    flags = {"text": TEXTS[0], "to_text": TEXTS[1], "seeds": "1,2", "steps": 3}
    done = call("generate", run_dir=trained[0], output=tmp_path, **flags)
    assert done.returncode == 0, done.stderr
    path = tmp_path / "all-of-it-is-red-to-größer.png"
    assert done.stdout.strip() == str(path)
    sheet = tf.io.decode_png(path.read_bytes()).numpy()
    assert sheet.shape == (15 + 2 * 96 + 4, 3 * 96 + 2 * 4, 3)
    for row, top in enumerate((15, 15 + 96 + 4)):
        for text, left in zip(TEXTS, (0, 200), strict=True):
            (png,) = served(trained[0], [text], [row + 1])
            cell = sheet[top : top + 96 : 6, left : left + 96 : 6].astype(int)
            assert np.abs(cell - tf.io.decode_png(png).numpy()).max() <= 1


def test_the_first_stage_is_a_run_of_the_caption_encoder(trained, tmp_path):
    """Its checkpoint has the whitening: what it exports is what the captions were embedded by."""
    run_dir = trained[0] / "caption_encoder"
    done = call("export", run_dir=run_dir, saved_model=tmp_path / "encoder")
    assert done.returncode == 0, done.stderr
    served = tf.saved_model.load(str(tmp_path / "encoder" / "1")).signatures["serving_default"]
    expected = load_text_encoder(str(run_dir))(tf.constant(TEXTS))
    np.testing.assert_allclose(served(text=tf.constant(TEXTS))["embedding"], expected, atol=1e-4)
    assert (run_dir / "flags.txt").read_text().startswith("# python -m apps.caption_encoder\n")


def test_a_run_goes_on_with_its_encoder_alone(trained, patches, tmp_path):
    """The file at --encoder's path is another one when the run goes on."""
    encoder, run_dir = tmp_path / "encoder.keras", tmp_path / "run"
    encoder.write_bytes((trained[0] / "caption_encoder" / "text_encoder.keras").read_bytes())
    flags = {**TINY, "dataset": patches, "run_dir": run_dir, "encoder": encoder, "epochs": 1}
    done = call("text_to_image", **flags)
    assert done.returncode == 0, done.stderr
    unused = "--encoder is not trained: --embedding_size, --encoder_epochs, --encoder_filters"
    assert unused in done.stderr
    first_stage(trained[0]).text_encoder.save(encoder)  # not whitened
    again = call("text_to_image", **flags)
    assert again.returncode == 1 and "Traceback" not in again.stderr
    assert "holds a run with another text encoder" in again.stderr
    drawn = call("generate", run_dir=run_dir, text="red")  # the run has the encoder that it had
    assert drawn.returncode == 0, drawn.stderr


def test_a_finished_run_is_only_read(trained, patches):
    run_dir, out = trained
    before = {path: path.stat().st_mtime_ns for path in run_dir.rglob("*.h5")}
    done = call("text_to_image", dataset=patches, run_dir=run_dir, **TINY)
    assert done.returncode == 0, done.stderr
    assert {path: path.stat().st_mtime_ns for path in run_dir.rglob("*.h5")} == before
    assert steps(run_dir / "caption_encoder") == [3] and steps(run_dir) == [3, 6]
    assert done.stdout.split("Held-out data:")[1].split("Look")[0] in out


def test_an_encoder_of_ones_own_and_shapes_whose_truth_is_known(trained, tmp_path):
    """The encoder is a SavedModel, and no first stage runs."""
    encoder = tmp_path / "encoder"
    module = tf.Module()
    lengths = tf.function(
        lambda text: tf.cast(tf.strings.length(text), tf.float32)[:, None] * tf.ones((1, 3)),
        input_signature=[tf.TensorSpec([None], tf.string, "text")],
    )
    tf.saved_model.save(module, str(encoder), signatures=lengths)
    flags = {**TINY, "load_size": 16, "batch_size": 1024, "epochs": 1, "evaluation_images": 20}
    flags |= {"encoder": encoder, "dataset": "shapes", "data_dir": tmp_path / "tfds"}
    saved = tmp_path / "saved_models" / "tiny"
    run_dir = tmp_path / "run"
    done = call("text_to_image", "--noflip", run_dir=run_dir, saved_model=saved, **flags)
    assert done.returncode == 0, done.stderr
    assert not (run_dir / "caption_encoder").exists()
    rows = json.loads((run_dir / "evaluation.json").read_text())
    assert set(rows["last"]) == {"kind", "color", "size", "position", "error"}
    assert rows["real images"]["error"] <= 0.05 < rows["last"]["error"]
    mean = np.mean([rows["last"][name] for name in ("kind", "color", "size", "position")])
    assert rows["last"]["error"] == pytest.approx(1 - mean)
    serve = tf.saved_model.load(str(saved / "1")).signatures["serving_default"]
    images = serve(text=tf.constant(["ab", "cd", "longer"]), seed=tf.constant([1, 1, 1]))
    first, same, other = images["image_bytes"].numpy()
    assert first == same != other


def test_style_transfer(trained):
    run_dir, _ = trained
    flags = {"style_epochs": 1, "style_filters": 4}
    done = call("style_transfer", run_dir=run_dir, **flags)
    assert done.returncode == 0, done.stderr
    rows = json.loads((run_dir / "style_encoder" / "evaluation.json").read_text())
    assert list(rows) == ["untrained", "last"] and rows["last"]["held_out_loss"] > 0
    assert (run_dir / "style_encoder" / "samples" / "epoch_0001.png").exists()
    assert json.loads((run_dir / "evaluation.json").read_text()).keys() > rows.keys()
    other = call("style_transfer", run_dir=run_dir, style_epochs=1, style_filters=8)
    assert other.returncode == 1 and "was 4, now 8" in other.stderr


def test_dry_run_says_what_is_there(patches, tmp_path):
    flags = {"dataset": patches, "run_dir": tmp_path / "none", **TINY}
    done = call("text_to_image", "--dry_run", **flags)
    assert done.returncode == 0, done.stderr
    for name in ("text_encoder", "image_encoder", "discriminator", "generator"):
        assert f"  {name}: " in done.stdout
    assert "12 images" in done.stdout
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize(
    "flags, message",
    [
        ({"encoder_filters": "two"}, "numbers are expected, such as 384,512,512; not 'two'"),
        ({"encoder": "none.keras"}, "a text encoder must be a .keras file or a SavedModel"),
        ({"dataset": "shapes"}, "flip must be False for shapes"),
        ({"dataset": "shapes", "flip": False, "channels": 1}, "channels must be 3 for shapes"),
        ({"image_size": 20, "load_size": 20}, "Received: image_size=20"),
    ],
)
def test_a_mistake_is_one_message(patches, tmp_path, flags, message):
    usual = {"dataset": patches, "run_dir": tmp_path / "none", **TINY}
    done = call("text_to_image", **{**usual, **flags})
    assert done.returncode == 1 and "Traceback" not in done.stderr
    assert message in done.stderr
    assert not list(tmp_path.rglob("checkpoint.json"))


@pytest.mark.parametrize(
    "flags, message",
    [
        ({}, "serving_default' takes seed, text; "),
        ({"to_text": "a bird"}, "to_text must be given with one text"),
        ({"text": "x", "seeds": "1,1"}, "both to be called 'x_1'"),
    ],
)
def test_what_cannot_be_generated(trained, tmp_path, flags, message):
    done = call("generate", run_dir=trained[0], output=tmp_path / "none", **flags)
    assert done.returncode == 1 and "Traceback" not in done.stderr
    assert message in done.stderr
    assert not (tmp_path / "none").exists()
