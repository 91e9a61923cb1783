"""The families of scenes, each a function of a seed and a ground."""

from collections.abc import Callable

import numpy as np

from . import nuisances, visitors
from .footage import LAWN, Planes, film, ground
from .scene import Scene, Span

WALKER = (0, 0, 266, 150)
"""The part of the campus film in which one small person walks by, far away."""
TRUTH_LAWN = [Span(52.0, 72.0), Span(76.8, 79.4)]


def _played(frames: tuple[Planes, ...], rate: float) -> Callable[[float], Planes]:
    """Play a film at its own pace; its last picture stays."""
    return lambda at: frames[min(len(frames) - 1, round(at * rate))]


def _resting(planes: Planes, seconds: float = 60.0) -> Scene:
    """Return a scene in which nothing happens."""
    return Scene(seconds, lambda _at: planes)


def lawn(_rng: np.random.Generator, _ground: str) -> Scene:
    """Real people on a lawn by day."""
    # From 72.0 to 72.3 s a heel is left in the picture.
    return Scene(79.4, _played(film("campus", LAWN), 10), truth=TRUTH_LAWN, ignored=[Span(72.0, 72.4)])


def lawn_night(rng: np.random.Generator, name: str) -> Scene:
    """The same in the dark, with the noise of a sensor that does what it can."""
    scene = lawn(rng, name)
    scene.strokes += [nuisances.dark(0.4), nuisances.noise(rng, 6.0)]
    return scene


def walker(_rng: np.random.Generator, _ground: str) -> Scene:
    """One real person, far away, on another lawn."""
    return Scene(
        79.4,
        _played(film("campus", WALKER), 10),
        truth=[Span(6.0, 18.0)],
        ignored=[Span(18.0, 30.0), Span(56.0, 70.0)],
    )


def tree(_rng: np.random.Generator, _ground: str) -> Scene:
    """A real tree in the wind, the same three and a half seconds again and again; then a hand comes."""
    frames = film("tree")
    loop, rate = 53, 15

    def frame(at: float) -> Planes:
        number = round(at * rate)
        quiet = 18 * loop
        return (
            frames[number % loop] if number < quiet else frames[min(len(frames) - 1, loop + number - quiet)]
        )

    return Scene(65.0, frame, truth=[Span(63.6, 65.0)], rate=rate)


def cuts(rng: np.random.Generator, _ground: str) -> Scene:
    """A camera that is turned: another still scene every fifteen seconds."""
    frames = film("bikes")
    views = [frames[number] for number in (10, 128, 180, 230)]
    scene = Scene(60.0, lambda at: views[min(3, int(at / 15))])
    scene.strokes.append(nuisances.noise(rng, 2.0))
    return scene


def noise(rng: np.random.Generator, name: str) -> Scene:
    """Nothing but the noise of the sensor."""
    scene = _resting(ground(name))
    scene.strokes.append(nuisances.noise(rng, rng.uniform(3, 7)))
    return scene


def infrared(rng: np.random.Generator, name: str) -> Scene:
    """Night vision goes on and off again."""
    scene = _resting(ground(name))
    on, off = rng.uniform(15, 25), rng.uniform(36, 46)
    scene.strokes += [nuisances.infrared([Span(on, off)]), nuisances.noise(rng, 2.5)]
    return scene


def light(rng: np.random.Generator, name: str) -> Scene:
    """The exposure drifts, it steps, and a lamp goes on and off twice: short and long."""
    scene = _resting(ground(name), 90.0)
    short, long, step = rng.uniform(12, 24), rng.uniform(32, 46), rng.uniform(66, 78)
    scene.strokes += [
        nuisances.drift(rng, 0.18),
        nuisances.lamp(rng, [Span(short, short + rng.uniform(0.3, 1.5))], 0.6),
        nuisances.lamp(rng, [Span(long, long + rng.uniform(6, 14))], 0.4),
        nuisances.exposure_steps(rng, [step], 0.3),
        nuisances.noise(rng, 2.0),
    ]
    return scene


def night(rng: np.random.Generator, name: str) -> Scene:
    """A dark scene, and a sensor at its limit."""
    scene = _resting(ground(name))
    scene.strokes += [nuisances.dark(rng.uniform(0.25, 0.4)), nuisances.noise(rng, rng.uniform(7, 11))]
    return scene


def rain(rng: np.random.Generator, name: str) -> Scene:
    """Rain in the light."""
    scene = _resting(ground(name))
    drops, brightness = int(rng.integers(60, 160)), rng.uniform(40, 80)
    scene.strokes += [nuisances.rain(rng, drops, brightness), nuisances.noise(rng, 2.0)]
    return scene


def sway(rng: np.random.Generator, name: str) -> Scene:
    """Bushes in the wind, from the first second on."""
    scene = _resting(ground(name))
    scene.strokes += [
        nuisances.wind(rng, int(rng.integers(2, 5)), rng.uniform(3, 7)),
        nuisances.noise(rng, 2.0),
    ]
    return scene


def clouds(rng: np.random.Generator, name: str) -> Scene:
    """Shadows of clouds pass."""
    scene = _resting(ground(name), 90.0)
    scene.strokes += [nuisances.clouds(rng, rng.uniform(0.2, 0.35)), nuisances.noise(rng, 2.0)]
    return scene


def visits(rng: np.random.Generator, name: str) -> Scene:
    """Three made visitors of any size, speed and contrast, under one or two nuisances."""
    scene = _resting(ground(name), 75.0)
    for begin in (14.0, 34.0, 54.0):
        stroke, truth = visitors.visit(rng, begin + rng.uniform(0, 4), 12.0)
        scene.strokes.append(stroke)
        scene.truth.append(truth)
    nuisances.add_random(scene, rng)
    return scene


def people(rng: np.random.Generator, name: str) -> Scene:
    """Real people, cut out, walk through another picture, twice, under one or two nuisances."""
    scene = _resting(ground(name), 60.0)
    for begin in (14.0, 38.0):
        stroke, truth = visitors.walkers(rng, begin + rng.uniform(0, 4))
        scene.strokes.append(stroke)
        scene.truth.append(truth)
    nuisances.add_random(scene, rng)
    return scene


FAMILIES: dict[str, Callable[[np.random.Generator, str], Scene]] = {
    "lawn": lawn,
    "lawn-night": lawn_night,
    "walker": walker,
    "tree": tree,
    "cuts": cuts,
    "noise": noise,
    "infrared": infrared,
    "light": light,
    "night": night,
    "rain": rain,
    "sway": sway,
    "clouds": clouds,
    "visits": visits,
    "people": people,
}
