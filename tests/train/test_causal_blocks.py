"""Attention in blocks is torch's causal attention, its gradients included."""

import pytest

pytestmark = pytest.mark.train
torch = pytest.importorskip("torch", reason="needs the train extra")
pytest.importorskip("transformers", reason="needs the train extra")

from callsheet.train.causal_blocks import causal_blocks  # noqa: E402 - needs the train extra


def attended(given, attend):
    """The output, and the gradients of the three tensors."""
    leaves = [one.detach().clone().requires_grad_() for one in given]
    output = attend(*leaves)
    chance = torch.Generator().manual_seed(1)
    (output * torch.randn(output.shape, generator=chance)).sum().backward()
    return [output.detach(), *(leaf.grad for leaf in leaves)]


@pytest.mark.parametrize("length", [1, 127, 128, 129, 300])
@pytest.mark.parametrize(("heads", "shared"), [(4, 4), (6, 2), (3, 1)])
@pytest.mark.parametrize("scaling", [None, 0.3])
def test_it_is_causal_attention(length, heads, shared, scaling):
    chance = torch.Generator().manual_seed(0)
    given = [torch.randn(2, n, length, 8, generator=chance) for n in (heads, shared, shared)]

    def fused(query, key, value):
        return torch.nn.functional.scaled_dot_product_attention(
            query, key, value, is_causal=True, scale=scaling, enable_gqa=True
        ).transpose(1, 2)

    def ours(query, key, value):
        return causal_blocks(None, query, key, value, scaling=scaling)[0]

    for one, other in zip(attended(given, ours), attended(given, fused), strict=True):
        assert torch.allclose(one, other, atol=1e-5)


@pytest.mark.parametrize("asked", ["sliding_window", "softcap", "s_aux", "attention_mask"])
def test_what_it_does_not_compute_is_refused(asked):
    one = torch.zeros(1, 1, 2, 8)
    with pytest.raises(ValueError, match=f"takes no {asked}"):
        causal_blocks(None, one, one, one, **{asked: 4})
