"""The protocol of a number travels with it: two of different protocols refuse to be compared."""

import dataclasses
import functools
import json

from tfgan_apps.arguments import check_numbers


class ProtocolError(ValueError):
    """Two numbers come from different protocols."""


@dataclasses.dataclass(frozen=True)
class Protocol:
    """How a number was measured.

    Args:
        metric: str, such as `"fid"` or `"recall[mnist-classifier]"`.
        backbone: str, name of the feature network. Defaults to None, where there is none.
        backbone_sha256: str, of its weights. Defaults to None, unknown.
        resize: str, the rule by which images were resized for it. Defaults to `"none"`.
        real_images: int, how many real ones. Defaults to 0, none are used.
        generated_images: int, how many generated ones. Defaults to 0.
        split: str, the part of the data that the real ones are. Defaults to `"test"`.
        ema: bool, whether the generator is the moving average. Defaults to None, not known.
        seed: int, of the latents and draws. Defaults to None, not known.
        truncation: float, psi or the bound of the latents. Defaults to None, none.
        options: str, of the metric itself, such as `"k=5"`. Defaults to `""`.
    """

    metric: str
    backbone: str | None = None
    backbone_sha256: str | None = None
    resize: str = "none"
    real_images: int = 0
    generated_images: int = 0
    split: str = "test"
    ema: bool | None = None
    seed: int | None = None
    truncation: float | None = None
    options: str = ""

    def difference(self, other):
        """Returns dict, name of what differs -> (this one's, the other's).

        Args:
            other: `Protocol`.
        """
        mine, theirs = dataclasses.asdict(self), dataclasses.asdict(other)
        return {n: (mine[n], theirs[n]) for n in mine if mine[n] != theirs[n]}

    def check_same(self, other):
        """Raises `ProtocolError`, which names the differences, unless protocols are the same.

        Args:
            other: `Protocol`.
        """
        found = self.difference(other)
        if found:
            lines = [f"{name}: {one!r} and {two!r}" for name, (one, two) in found.items()]
            raise ProtocolError(
                "numbers must be measured by one protocol to be compared. "
                f"Received: {'; '.join(lines)}"
            )


@functools.total_ordering
@dataclasses.dataclass(frozen=True, eq=False)
class Measurement:
    """A number with its protocol; `<`, `==` and `-` refuse those of another protocol.

    Args:
        value: float.
        protocol: `Protocol`.
        std: float, over subsets or splits. Defaults to None, where there are none.
    """

    value: float
    protocol: Protocol
    std: float | None = None

    def __float__(self):
        return float(self.value)

    def __lt__(self, other):
        return self.value < self._comparable(other).value

    def __eq__(self, other):
        return self.value == self._comparable(other).value

    def __sub__(self, other):
        return self.value - self._comparable(other).value

    def __hash__(self):
        return hash((self.value, self.protocol))

    def __str__(self):
        spread = "" if self.std is None else f" ± {self.std:.4g}"
        return f"{self.protocol.metric} {self.value:.6g}{spread}"

    def to_json(self):
        """Returns the number and its protocol, a JSON object, in a str."""
        return json.dumps(dataclasses.asdict(self))

    @classmethod
    def from_json(cls, text):
        """Returns the `Measurement` that `to_json` has written.

        Args:
            text: str.

        Raises:
            ValueError: it is none.
        """
        try:
            found = json.loads(text)
            check_numbers(value=found["value"])
            return cls(found["value"], Protocol(**found["protocol"]), found.get("std"))
        except (TypeError, KeyError, AttributeError) as error:
            raise ValueError(
                f"text must be what Measurement.to_json writes. Received: {text[:80]!r}"
            ) from error

    def _comparable(self, other):
        if not isinstance(other, Measurement):
            raise ProtocolError(
                f"a number with a protocol must be compared with one. Received: {other!r}"
            )
        self.protocol.check_same(other.protocol)
        return other
