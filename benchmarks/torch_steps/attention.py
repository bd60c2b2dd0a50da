"""Self-attention forward and back in PyTorch, as SAGAN has it.

    python benchmarks/torch_steps/attention.py --image_size=64 --batch_size=4 --steps=4 --threads=2

Features of 192 channels and `image_size` places each way. It prints the median seconds.
"""

import torch
from biggan import Attention
from timing import arguments, report

if __name__ == "__main__":
    args = arguments(__doc__)
    attention = Attention(192)
    x = torch.randn(args.batch_size, 192, args.image_size, args.image_size, requires_grad=True)
    half = torch.autocast("cpu", dtype=torch.bfloat16, enabled=args.bfloat16)

    def step():
        """Goes forward and back once."""
        with half:
            loss = attention(x).float().square().mean()
        loss.backward()

    report(step, args)
