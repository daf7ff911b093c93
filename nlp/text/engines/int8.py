"""Linear layers in int8, by oneDNN's matrix product, which comes with torch."""

import torch

from nlp.errors import EncoderError

_HALF = 127
"""Largest magnitude of a weight or an input, in steps of its row's scale."""
_ZERO = 128
"""What stands for 0 in an input, which oneDNN reads without a sign."""


class Int8Linear(torch.nn.Module):
    """A linear layer whose weights and inputs are rounded to 255 steps.

    Each row of the weights has a scale of its own, and so has each token of the input: nothing is
    calibrated, and a token's result depends on that token alone. Sums are exact integers. The
    method is the per-token scheme of ZeroQuant (https://arxiv.org/abs/2206.01861).
    """

    def __init__(self, linear: torch.nn.Linear) -> None:
        super().__init__()
        weight = linear.weight.detach().float()
        scale = weight.abs().amax(dim=1).clamp_min(1e-12) / _HALF
        rounded = (weight / scale[:, None]).round().to(torch.int8)
        self.packed = torch.ops.onednn.qlinear_prepack(rounded, None)
        self.scale = scale
        self.zeros = torch.zeros(len(scale), dtype=torch.long)
        bias = torch.zeros(len(scale)) if linear.bias is None else linear.bias.detach().float()
        self.offset = bias

    def forward(self, given: torch.Tensor) -> torch.Tensor:
        """Map (…, in_features) to (…, out_features), both float32."""
        rows = given.reshape(-1, given.shape[-1])
        most = rows.abs().amax(dim=1, keepdim=True).clamp_min_(1e-12)
        signed = (rows * (_HALF / most)).round_().to(torch.int8)
        steps = signed.view(torch.uint8).bitwise_xor_(_ZERO)  # adds 128, faster than a conversion
        product = torch.ops.onednn.qlinear_pointwise(
            steps, 1 / _HALF, _ZERO, self.packed, self.scale, self.zeros,
            None, 1.0, 0, torch.float32, "none", [], "",
        )  # fmt: skip
        return torch.addcmul(self.offset, product, most).reshape(*given.shape[:-1], -1)


def quantize(model: torch.nn.Module) -> None:
    """Replace every linear layer of a float32 model. Raises EncoderError where torch cannot."""
    linears = [
        (parent, name, child)
        for parent in model.modules()
        for name, child in parent.named_children()
        if type(child) is torch.nn.Linear
    ]
    try:
        for parent, name, child in linears:
            setattr(parent, name, Int8Linear(child))
    except (AttributeError, NotImplementedError, RuntimeError) as error:
        raise EncoderError(
            "This processor or this build of torch cannot multiply in int8. "
            "Set TRIAGE_PRECISION to auto, bfloat16 or float32"
        ) from error
