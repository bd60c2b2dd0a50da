"""Numbers of one protocol compare, those of two refuse and say why."""

import dataclasses

import pytest

from tfgan_apps.metrics.protocol import Measurement, Protocol, ProtocolError

PROTOCOL = Protocol("fid", "inception-2015-12-05", "6726", "tf1", 10_000, 50_000, "train", True, 0)


def test_numbers_of_one_protocol_compare():
    low, high = Measurement(2.5, PROTOCOL), Measurement(4.0, dataclasses.replace(PROTOCOL))
    assert low < high and high > low and low <= high and low != high
    assert min(high, low) is low and high - low == 1.5 and float(low) == 2.5
    assert low == Measurement(2.5, PROTOCOL, std=1.0)
    assert len({low, Measurement(2.5, PROTOCOL)}) == 1


@pytest.mark.parametrize(
    "change, said",
    [
        ({"resize": "clean"}, "resize: 'tf1' and 'clean'"),
        ({"generated_images": 5000}, "generated_images: 50000 and 5000"),
        ({"split": "test"}, "split: 'train' and 'test'"),
        ({"ema": False, "truncation": 0.7}, "ema: True and False; truncation: None and 0.7"),
        ({"backbone_sha256": "0cc3"}, "backbone_sha256: '6726' and '0cc3'"),
        ({"metric": "kid"}, "metric: 'fid' and 'kid'"),
        ({"real_images": 1, "seed": 2}, "real_images: 10000 and 1; seed: 0 and 2"),
        (
            {"options": "k=5", "backbone": None},
            "backbone: 'inception-2015-12-05' and None; options",
        ),
    ],
)
def test_numbers_of_two_protocols_refuse_and_say_why(change, said):
    first = Measurement(2.5, PROTOCOL)
    second = Measurement(2.5, dataclasses.replace(PROTOCOL, **change))
    for compare in (lambda: first < second, lambda: first == second, lambda: first - second):
        with pytest.raises(ProtocolError, match=f"by one protocol .* Received: {said}"):
            compare()
    assert list(PROTOCOL.difference(second.protocol)) == list(change) or len(change) > 1


def test_a_number_without_a_protocol_is_refused():
    with pytest.raises(ProtocolError, match="compared with one. Received: 2.5"):
        assert Measurement(2.5, PROTOCOL) < 2.5
    with pytest.raises(dataclasses.FrozenInstanceError):
        PROTOCOL.resize = "clean"


def test_json_keeps_everything():
    first = Measurement(2.5, PROTOCOL, 0.25)
    second = Measurement.from_json(first.to_json())
    assert dataclasses.asdict(first) == dataclasses.asdict(second) and first == second
    assert str(first) == "fid 2.5 ± 0.25" and str(Measurement(1 / 3, PROTOCOL)) == "fid 0.333333"
    for text in ('{"value": 1}', "[]", '{"value": 1, "protocol": {"unknown": 1}}'):
        with pytest.raises(ValueError, match="what Measurement.to_json writes. Received: "):
            Measurement.from_json(text)
