"""The denoiser by search: matches that only improve, on used patches only, alike on every device."""

from itertools import pairwise

import pytest
import torch
from scenery import landscape, spots, tensor
from torch import Tensor
from torch.nn import functional as F

from sinddm.denoisers import nearest, search_torch
from sinddm.denoisers.nearest import Nearest
from sinddm.pyramid import Level, build

ALL_WRAPS = [(False, False), (True, False), (False, True), (True, True)]


def level(image: Tensor, used: Tensor | None = None) -> Level:
    used = torch.ones(image.shape[-2:], dtype=torch.bool) if used is None else used
    return Level(image, used)


def random_field(size: tuple[int, int], allowed: Tensor, seed: int = 0) -> Tensor:
    """Matches (h, w) anywhere they are allowed: numbers of the pixels in the middle of the matched patches."""
    choices = torch.nonzero(allowed.flatten())[:, 0]
    return choices[torch.randint(len(choices), size, generator=torch.Generator().manual_seed(seed))].int()


def costs(x: Tensor, source: Tensor, field: Tensor, patch: int) -> Tensor:
    """Squared distance (h, w) of every pixel's patch, the edge repeated, to the one it is matched with."""
    half = patch // 2
    queries = F.unfold(F.pad(x[None], [half] * 4, mode="replicate"), patch)[0].T
    keys = F.unfold(source[None], patch, padding=half)[0].T
    return (queries - keys[field.flatten().long()]).square().sum(1).reshape(field.shape)


@pytest.fixture
def source() -> Level:
    return level(tensor(landscape(50, 60)))


@pytest.fixture
def x() -> Tensor:
    """Something that is not in the picture: another landscape, with noise."""
    other = tensor(landscape(44, 52, seed=7))
    return other + 0.1 * torch.randn(other.shape, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize("patch", [9, 7])
@pytest.mark.parametrize("wrap", ALL_WRAPS)
def test_the_search_of_the_graphics_card_finds_what_that_of_the_processor_finds(wrap, patch, source, x):
    search, image = Nearest(patch, 5, wrap=wrap), source.image
    used = source.used.clone()
    used[10:14, 30:34] = False
    allowed = search.allowed(level(image, used))
    field = random_field((44, 52), allowed)
    for radius, tries, seed in ((8, 2, 12345), (2, 0, 2**31 + 17)):
        by_cpu = search.improve(x, image, allowed, field, radius, tries, seed)
        flat = search._surround(x).flatten(1), image.flatten(1), allowed.flatten(), field.flatten().long()
        by_torch = search_torch.search(*flat, (44, 52, 60), patch, radius, tries, seed & 0x7FFFFFFF, wrap)
        assert (by_cpu != field).float().mean() > 0.3
        assert (by_cpu.flatten() == by_torch).float().mean() >= 0.99
        field = by_cpu


@pytest.mark.parametrize(("patch", "vote"), [(9, 9), (7, 5)])
@pytest.mark.parametrize("wrap", ALL_WRAPS)
def test_the_vote_of_the_graphics_card_is_that_of_the_processor(wrap, patch, vote, source):
    search = Nearest(patch, vote, wrap=wrap)
    field = random_field((44, 52), search.allowed(source))
    flat = field.flatten().long(), source.image.flatten(1), search.weights, (44, 52, 60), wrap
    by_torch = search_torch.vote(*flat).view(3, 44, 52)
    assert torch.allclose(search.vote(field, source.image), by_torch, atol=1e-5)


def test_the_vote_is_the_weighted_mean_of_what_the_neighbours_patches_say(source):
    search = Nearest(7, 5)
    field = random_field((20, 24), search.allowed(source))
    found = search.vote(field, source.image)
    for y, x in ((0, 0), (10, 12), (19, 3)):
        total, weight = torch.zeros(3), 0.0
        for ny in range(max(0, y - 2), min(20, y + 3)):
            for nx in range(max(0, x - 2), min(24, x + 3)):
                match_y, match_x = divmod(int(field[ny, nx]), 60)
                w = float(torch.exp(torch.tensor(-2.0 * ((ny - y) ** 2 + (nx - x) ** 2) / 2.5**2)))
                total += w * source.image[:, match_y + y - ny, match_x + x - nx]
                weight += w
        assert torch.allclose(found[:, y, x], total / weight, atol=1e-5)


def test_a_round_of_search_never_makes_a_match_worse(source, x):
    search = Nearest()
    field = random_field((44, 52), search.allowed(source))
    cost = costs(x, source.image, field, 9)
    for seed in range(6):
        field = search.improve(x, source.image, search.allowed(source), field, 8, 2, seed)
        new = costs(x, source.image, field, 9)
        assert (new <= cost + 1e-3).all()
        cost = new
    best = costs(x, source.image, search.first_match(x, source), 9)
    assert best.mean() <= cost.mean() < 1.5 * best.mean()


def test_the_first_matches_are_the_nearest_of_all(source, x):
    search = Nearest()
    field = search.first_match(x, source)
    queries = F.unfold(F.pad(x[None], [4] * 4, mode="replicate"), 9)[0].T
    best = torch.cdist(queries, F.unfold(source.image[None], 9)[0].T).square().amin(1)
    found = costs(x, source.image, field, 9).flatten()  # compared in principal components, so nearly
    assert found.mean() < 1.05 * best.mean()
    assert (found < 1.1 * best + 1e-2).float().mean() > 0.9


def test_a_copy_is_found_at_its_place(source):
    search = Nearest()
    part = source.image[:, 12:40, 20:55]
    field = search.first_match(part, source)
    rows, cols = field[4:-4, 4:-4] // 60, field[4:-4, 4:-4] % 60
    assert torch.equal(rows, torch.arange(16, 36, dtype=torch.int32)[:, None].expand(20, 27))
    assert torch.equal(cols, torch.arange(24, 51, dtype=torch.int32)[None].expand(20, 27))
    assert torch.allclose(search.vote(field, source.image)[:, 8:-8, 8:-8], part[:, 8:-8, 8:-8], atol=1e-5)


def test_a_copy_is_found_from_a_hint_nearby(source):
    """Random jitter and the neighbours' matches are enough from three pixels away."""
    search = Nearest()
    y, x = torch.meshgrid(torch.arange(28), torch.arange(35), indexing="ij")
    field = ((y + 12 + 3).clamp(4, 45) * 60 + (x + 20 - 3).clamp(4, 55)).int()
    part = source.image[:, 12:40, 20:55]
    assert (costs(part, source.image, field, 9)[4:-4, 4:-4] < 1e-4).float().mean() < 0.1
    for seed in range(12):
        field = search.improve(part, source.image, search.allowed(source), field, 4, 1, seed)
    assert (costs(part, source.image, field, 9)[4:-4, 4:-4] < 1e-4).float().mean() > 0.9


def test_without_jitter_nothing_new_is_found(source, x):
    search = Nearest()
    same = torch.full((44, 52), 20 * 60 + 30, dtype=torch.int32)
    found = search.improve(x, source.image, search.allowed(source), same, 8, 0, 1)
    assert ((found // 60 - 20).abs() <= 1).all()
    assert ((found % 60 - 30).abs() <= 1).all()


def test_patches_with_unused_pixels_are_never_matched(x):
    image, used = tensor(landscape(50, 60)), torch.ones(50, 60, dtype=torch.bool)
    used[15:30, 20:40] = False
    image[:, ~used] = x.mean((1, 2))[:, None]  # tempting
    search, source = Nearest(), level(image, used)
    whole = torch.zeros(50, 60, dtype=torch.bool)
    whole[4:-4, 4:-4] = (F.unfold(used[None, None].float(), 9)[0].amin(0) > 0).reshape(42, 52)
    assert torch.equal(search.allowed(source), whole)
    field = search.first_match(x, source)
    assert whole.flatten()[field.flatten().long()].all()
    for seed in range(3):
        field = search.improve(x, image, whole, field, 8, 2, seed)
        assert whole.flatten()[field.flatten().long()].all()


@pytest.mark.parametrize("patch", [7, 9])
def test_matches_carried_to_the_next_scale_leave_unused_patches_in_one_round(patch):
    image, used = tensor(landscape(96, 120)), torch.ones(96, 120, dtype=torch.bool)
    y, x = torch.meshgrid(torch.arange(96), torch.arange(120), indexing="ij")
    used[(y - 40) ** 2 + (x - 60) ** 2 < 22**2] = False
    levels, search = build(image, used), Nearest(patch)
    field = search.first_match(levels[1].image, levels[1])
    for old, new in pairwise(levels[1:]):
        allowed = search.allowed(new)
        field = search.carry(field, old, new, new.size)
        field = search.improve(new.image, new.image, allowed, field, 8, 1, 1)
        assert allowed.flatten()[field.flatten().long()].all()


def test_a_match_carried_to_the_next_scale_stays_at_its_place():
    levels, search = build(tensor(landscape(64, 80))), Nearest()
    for old, new in pairwise(levels[1:]):
        itself = torch.arange(old.size[0] * old.size[1]).reshape(old.size).int()
        field = search.carry(itself, old, new, new.size)
        y, x = torch.meshgrid(*(torch.arange(n) for n in new.size), indexing="ij")
        inside = slice(8, -8), slice(8, -8)
        assert torch.equal((field // new.size[1])[inside], y[inside].int())
        assert torch.equal((field % new.size[1])[inside], x[inside].int())
        assert search.allowed(new).flatten()[field.flatten().long()].all()


@pytest.mark.parametrize(("wrap", "shift"), [((True, False), (9, 0)), ((False, True), (0, 9)), ((True, True), (5, 9))])
def test_what_wraps_does_not_know_where_it_begins(wrap, shift):
    source = level(tensor(spots(40, 40)))
    x = tensor(spots(32, 36, seed=3))
    for each, same in ((wrap, True), ((False, False), False)):
        search = Nearest(wrap=each)
        allowed = search.allowed(source)
        field = random_field((32, 36), allowed)
        found = search.improve(x, source.image, allowed, field, 2, 0, 0)
        rolled = search.improve(x.roll(shift, (1, 2)), source.image, allowed, field.roll(shift, (0, 1)), 2, 0, 0)
        assert torch.equal(rolled, found.roll(shift, (0, 1))) == same
        votes = search.vote(found, source.image).roll(shift, (1, 2))
        assert torch.allclose(search.vote(found.roll(shift, (0, 1)), source.image), votes, atol=1e-5) == same


def test_the_work_may_be_cut_into_any_stripes(source, x, monkeypatch):
    search = Nearest()
    allowed = search.allowed(source)
    field = random_field((44, 52), allowed)
    found = []
    for pixels, threads in ((1 << 16, 1), (52 * 3, 1), (52 * 3, 3)):
        monkeypatch.setattr(nearest, "STRIPE", pixels)
        monkeypatch.setattr(torch, "get_num_threads", lambda threads=threads: threads)
        field_now = search.improve(x, source.image, allowed, field, 8, 1, 1)
        found.append((field_now, search.vote(field_now, source.image)))
    for other in found[1:]:
        assert torch.equal(other[0], found[0][0])
        assert torch.equal(other[1], found[0][1])
