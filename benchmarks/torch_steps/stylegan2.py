"""Sixteen iterations of StyleGAN2 by the authors' networks and losses in PyTorch, lazy moves too.

    python benchmarks/torch_steps/stylegan2.py --source=path/to/stylegan2-ada-pytorch \\
        --image_size=64 --batch_size=8 --steps=1

--source is a copy of https://github.com/NVlabs/stylegan2-ada-pytorch at d72cc7d; on a CPU it takes
its reference implementations, which need `requests`, and no bfloat16. Each move, of the generator,
of its paths every 4 iterations, of the discriminator, and of its penalty every 16, is as in the
authors' training loop. It prints the median seconds of 16 iterations.
"""

import copy
import sys

import torch
from timing import arguments, report

SIZES = {"channel_base": 4096, "channel_max": 128}
STYLES = {"z_dim": 128, "c_dim": 0, "w_dim": 128, "img_channels": 3}
INTERVALS = {"G": 4, "D": 16}
ITERATIONS = 16


def make_step(args):
    """Returns a function without arguments that makes sixteen iterations."""
    sys.path.insert(0, args.source)
    from training.loss import StyleGAN2Loss
    from training.networks import Discriminator, Generator

    size = {"img_resolution": args.image_size}
    generator = Generator(**STYLES, **size, mapping_kwargs={}, synthesis_kwargs=SIZES)
    judge = Discriminator(c_dim=0, img_channels=3, **size, **SIZES)
    players = {"G": generator, "D": judge}
    average = copy.deepcopy(generator).eval()
    device = torch.device("cpu")
    loss = StyleGAN2Loss(device, generator.mapping, generator.synthesis, judge, r1_gamma=0.01)
    optimizers = {}
    for name, player in players.items():
        part = INTERVALS[name] / (INTERVALS[name] + 1)
        rates = {"lr": 0.002 * part, "betas": (0.0, 0.99**part), "eps": 1e-8}
        optimizers[name] = torch.optim.Adam(player.parameters(), **rates)
    images = torch.rand(args.batch_size, 3, args.image_size, args.image_size) * 2 - 1
    none = torch.zeros(args.batch_size, 0)

    def move(name, phase, gain):
        optimizers[name].zero_grad()
        players[name].requires_grad_(True)
        z = torch.randn(args.batch_size, STYLES["z_dim"])
        loss.accumulate_gradients(name + phase, images, none, z, none, True, gain)
        players[name].requires_grad_(False)
        optimizers[name].step()

    def iteration(number):
        for name, interval in INTERVALS.items():
            move(name, "main", 1)
            if number % interval == 0:
                move(name, "reg", interval)
        with torch.no_grad():
            for mean, own in zip(average.parameters(), generator.parameters(), strict=True):
                mean.copy_(own.lerp(mean, 0.999))

    for player in players.values():
        player.train().requires_grad_(False)
    return lambda: [iteration(number) for number in range(ITERATIONS)]


if __name__ == "__main__":
    args = arguments(__doc__, source="../stylegan2-ada-pytorch")
    if args.bfloat16:
        sys.exit("The authors' networks have no bfloat16: --precision=float32")
    report(make_step(args), args)
