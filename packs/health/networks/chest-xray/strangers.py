"""Draws images that are not chest radiographs, to fit the gate: nothing is read, everything is generated, so that every
real non-chest image stays unseen until the gate is measured.

A kind is a function of a numpy Generator giving a grey image [h, w] of any range; `draw` evens out its greys and size.
Photographs are imitated by dead leaves (Lee, Mumford, Huang, IJCV 41, 2001: occluding discs with a 1/r^3 size law have
the statistics of natural images), textures by noise with a 1/f^a spectrum, other radiographs, slices and ultrasound by
simple bodies. Half of all draws get the grey histogram of some chest film, so that greys alone give nothing away;
`disguised` turns chest films themselves into strangers that keep their greys or their spectrum.
"""

import numpy as np
from PIL import Image, ImageDraw, ImageFont
from scipy import ndimage

SIDE = 112


def grid(side=SIDE):
    return np.mgrid[-1 : 1 : side * 1j, -1 : 1 : side * 1j]


def spectrum_noise(rng, power, side=SIDE):
    """Noise with amplitude 1/f^power, mean 0, deviation 1."""
    frequency = np.hypot(np.fft.fftfreq(side)[:, None], np.fft.rfftfreq(side)[None])
    frequency[0, 0] = 1
    wave = rng.normal(size=frequency.shape) + 1j * rng.normal(size=frequency.shape)
    image = np.fft.irfft2(wave / frequency**power, (side, side))
    return (image - image.mean()) / (image.std() + 1e-9)


def blank(rng):
    return np.full((SIDE, SIDE), rng.random()) + rng.normal(size=(SIDE, SIDE)) * rng.choice([0, 0.01, 0.05])


def noise(rng):
    side = int(rng.choice([28, 40, 56, 112]))
    kind = rng.integers(4)
    if kind == 0:
        return rng.random((side, side))
    if kind == 1:
        return rng.normal(0.5, 0.25, (side, side))
    if kind == 2:
        return (rng.random((side, side)) < rng.uniform(0.05, 0.95)).astype(float)
    return np.repeat(np.repeat(rng.random((28, 28)), 4, 0), 4, 1)


def texture(rng):
    image = spectrum_noise(rng, rng.uniform(0.3, 2.2))
    if rng.random() < 0.4:
        image = ndimage.gaussian_filter(image, (rng.uniform(0, 6), rng.uniform(0, 1)))
        image = ndimage.rotate(image, rng.uniform(0, 180), reshape=False, mode="reflect")
    if rng.random() < 0.3:
        image = np.abs(image)
    return image


def gradient(rng):
    y, x = grid()
    angle = rng.uniform(0, 2 * np.pi)
    flat = np.cos(angle) * x + np.sin(angle) * y
    if rng.random() < 0.4:
        flat = np.hypot(x - rng.uniform(-1, 1), y - rng.uniform(-1, 1)) * rng.choice([-1, 1])
    return flat ** int(rng.choice([1, 1, 2, 3])) + spectrum_noise(rng, 1) * rng.choice([0, 0.05, 0.15])


def grating(rng):
    y, x = grid()
    angle, waves = rng.uniform(0, np.pi), rng.uniform(1, 12)
    image = np.sin(waves * np.pi * (np.cos(angle) * x + np.sin(angle) * y) + rng.uniform(0, 6))
    if rng.random() < 0.4:
        image = image * np.sin(rng.uniform(1, 12) * np.pi * (np.sin(angle) * x - np.cos(angle) * y))
    if rng.random() < 0.4:
        image = np.sign(image)
    return image + spectrum_noise(rng, 1) * rng.choice([0, 0.2, 0.5])


def bands(rng):
    """Smooth bands along one direction with a little grain: sheets, rolls, tiles, fields of light."""
    profile = spectrum_noise(rng, rng.uniform(0.8, 2.5))[0]
    if rng.random() < 0.4:
        profile = profile + np.sign(np.linspace(-1, 1, SIDE) - rng.uniform(-1, 1)) * rng.uniform(0, 2)
    image = np.repeat(profile[None], SIDE, 0)
    image = image + np.linspace(-1, 1, SIDE)[:, None] * rng.choice([0, 0.3, 1]) * rng.normal()
    image = image + spectrum_noise(rng, rng.uniform(0.3, 2)) * rng.choice([0, 0.1, 0.3, 0.6])
    if rng.random() < 0.3:
        spot = ellipse(*grid()[::-1], *rng.uniform(-0.8, 0.8, 2), *rng.uniform(0.05, 0.4, 2))
        image = image + rng.normal(0, 1.5) * np.exp(-spot)
    turn = rng.choice([0, 0, 90, rng.uniform(-20, 20), rng.uniform(0, 180)])
    return ndimage.rotate(image, turn, reshape=False, mode="reflect")


def shapes(rng):
    image = Image.new("F", (SIDE, SIDE), float(rng.random()))
    pen = ImageDraw.Draw(image)
    for _ in range(int(rng.integers(1, 14))):
        x, y = rng.uniform(-10, SIDE, 2)
        w, h = rng.uniform(4, 70, 2)
        fill, kind = float(rng.random()), rng.integers(4)
        if kind == 0:
            pen.rectangle([x, y, x + w, y + h], fill=fill)
        elif kind == 1:
            pen.ellipse([x, y, x + w, y + h], fill=fill)
        elif kind == 2:
            pen.polygon([tuple(rng.uniform(0, SIDE, 2)) for _ in range(3)], fill=fill)
        else:
            pen.line([x, y, *rng.uniform(0, SIDE, 2)], fill=fill, width=int(rng.integers(1, 12)))
    return np.asarray(image) + spectrum_noise(rng, 1) * rng.choice([0, 0.03, 0.1])


def circuit(rng):
    """Tracks, pads and holes, on light or dark."""
    image = Image.new("L", (SIDE, SIDE), 0)
    pen = ImageDraw.Draw(image)
    for _ in range(int(rng.integers(4, 20))):
        x, y = rng.integers(0, SIDE, 2)
        for _ in range(int(rng.integers(1, 4))):
            step = int(rng.integers(-60, 60))
            nx, ny = (x + step, y) if rng.random() < 0.5 else (x, y + step)
            pen.line([int(x), int(y), int(nx), int(ny)], fill=255, width=int(rng.integers(2, 9)))
            x, y = nx, ny
        r = int(rng.integers(2, 8))
        pen.ellipse([int(x) - r, int(y) - r, int(x) + r, int(y) + r], fill=255)
    return np.asarray(image, float) * rng.choice([-1, 1])


def writing(rng):
    """A page, a receipt, a large digit or a formula; dark on light or light on dark."""
    width = int(rng.choice([SIDE, SIDE, 160, 220]))
    image = Image.new("L", (width, width), 255)
    pen = ImageDraw.Draw(image)
    if rng.random() < 0.4:
        size = int(rng.uniform(0.4, 1.0) * width)
        count = int(rng.integers(1, 4))
        line = "".join(rng.choice(list("0123456789+-=xyABCEKRSW"), count))
        pen.text((width * 0.1, width * 0.0), line, fill=0, font=ImageFont.load_default(size // count + 20))
    else:
        size, y = int(rng.integers(6, 18)), int(rng.integers(0, 30))
        left, right = int(rng.uniform(0, 0.3) * width), int(rng.uniform(0.5, 1.0) * width)
        font = ImageFont.load_default(size)
        while y < width:
            if rng.random() < 0.85:
                text = "".join(rng.choice(list("abcdefghijklmnoprstuvwz     .,0123456789"), 60))
                end = int(left + (right - left) * rng.uniform(0.3, 1.0))
                pen.text((left, y), text, fill=int(rng.integers(0, 120)), font=font)
                pen.rectangle([end, y, width, y + size + 2], fill=255)
            y += int(size * rng.uniform(1.1, 1.8))
    image = np.asarray(image, float) / 255
    if rng.random() < 0.4:
        image = ndimage.rotate(image, rng.uniform(-25, 25), reshape=False, cval=1.0)
    return image * rng.choice([1, 1, -1]) + spectrum_noise(rng, 1.2, width) * rng.choice([0, 0.05, 0.15])


def leaves(rng):
    """Dead leaves: what a photograph looks like to a small lens."""
    image, y, x = np.full((SIDE, SIDE), rng.random()), *grid()
    smallest, largest = rng.uniform(0.04, 0.12), rng.uniform(0.5, 1.5)
    light = rng.normal(size=2) * rng.choice([0, 0.3])
    for _ in range(int(rng.integers(15, 160))):
        u = rng.random()
        radius = 1 / np.sqrt(1 / smallest**2 * (1 - u) + u / largest**2)
        cx, cy, squash, angle = *rng.uniform(-1.2, 1.2, 2), rng.uniform(0.3, 1), rng.uniform(0, np.pi)
        dx, dy = x - cx, y - cy
        along, across = dx * np.cos(angle) + dy * np.sin(angle), -dx * np.sin(angle) + dy * np.cos(angle)
        if rng.random() < 0.5:
            inside = along**2 + (across / squash) ** 2 < radius**2
        else:
            inside = (np.abs(along) < radius) & (np.abs(across) < radius * squash)
        image[inside] = (rng.random() + light[0] * dx + light[1] * dy)[inside]
    image = image + spectrum_noise(rng, 1) * rng.choice([0, 0.05, 0.1])
    return ndimage.gaussian_filter(image, rng.choice([0, 1, 2]))


def tube(x, y, start, end, width_start, width_end):
    """How far inside a tapering tube each point lies: 1 on its axis, 0 at its skin, negative outside."""
    (ax, ay), (bx, by) = start, end
    length = (bx - ax) ** 2 + (by - ay) ** 2 + 1e-9
    t = np.clip(((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / length, 0, 1)
    distance = np.hypot(x - ax - t * (bx - ax), y - ay - t * (by - ay))
    return 1 - distance / (width_start + (width_end - width_start) * t)


def attenuation(depth, shell=0.0):
    """Thickness seen by the beam through a round body, with a denser shell (the cortex of a bone)."""
    solid = np.sqrt(np.clip(1 - np.clip(1 - depth, 0, 1) ** 2, 0, 1)) * (depth > 0)
    return solid + shell * ((depth > 0) & (depth < 0.35))


def limb(rng):
    """A radiograph of an arm or leg: soft tissue on an empty field, one or two bones, perhaps a joint."""
    y, x = grid()
    lean, middle = rng.normal(0, 0.25), rng.uniform(-0.5, 0.5)
    width = rng.uniform(0.25, 0.9)
    top, bottom = (middle - lean, -1.3), (middle + lean, 1.3)
    image = 0.5 * attenuation(tube(x, y, top, bottom, width * rng.uniform(0.6, 1.2), width))
    joint = rng.uniform(-0.6, 0.6)
    for part in range(int(rng.integers(1, 3))):
        offset = (part - 0.5) * width * rng.uniform(0.4, 0.9)
        bone, shell = width * rng.uniform(0.15, 0.4), rng.uniform(0.1, 0.5)
        gap = rng.choice([0, 0, 0.05])
        for a, b in ((-1.3, joint - gap), (joint + gap, 1.3)):
            start, end = (middle + offset + lean * a, a), (middle + offset + lean * b, b)
            image += rng.uniform(0.5, 1.0) * attenuation(
                tube(x, y, start, end, bone, bone * rng.uniform(0.8, 1.4)), shell
            )
    if rng.random() < 0.3:
        image += tube(x, y, (middle, joint), (middle + 0.1, joint), width * 0.6, width * 0.6).clip(0, 1) * 0.6
    if rng.random() < 0.25:
        image = image + image[:, ::-1]
    return ndimage.rotate(image, rng.choice([0, 0, 90, rng.uniform(0, 180)]), reshape=False, mode="nearest")


def hand(rng):
    y, x = grid()
    image = np.zeros_like(x)
    px, py, size = rng.uniform(-0.2, 0.2), rng.uniform(0.1, 0.5), rng.uniform(0.8, 1.3)
    fan = rng.uniform(0.12, 0.3)
    for finger in range(5):
        angle = (finger - 2) * fan + rng.normal(0, 0.05) - np.pi / 2 + (finger == 0) * -0.4
        knuckle = (px + (finger - 2) * 0.16 * size, py - 0.15 * size)
        reach = size * (0.6 if finger == 0 else rng.uniform(0.75, 0.95))
        tip = (knuckle[0] + np.cos(angle) * reach, knuckle[1] + np.sin(angle) * reach)
        image = np.maximum(image, 0.45 * attenuation(tube(x, y, knuckle, tip, 0.13 * size, 0.08 * size)))
        for joint in range(3):
            a, b = joint / 3 + 0.02, (joint + 1) / 3 - 0.02
            start = tuple(np.add(knuckle, np.multiply(np.subtract(tip, knuckle), a)))
            end = tuple(np.add(knuckle, np.multiply(np.subtract(tip, knuckle), b)))
            image += 0.4 * attenuation(tube(x, y, start, end, 0.06 * size, 0.05 * size), 0.2)
        image += 0.4 * attenuation(tube(x, y, (px, py + 0.3 * size), knuckle, 0.05 * size, 0.06 * size), 0.2)
    image = np.maximum(image, 0.55 * attenuation(tube(x, y, (px, py), (px, py + 0.3), 0.42 * size, 0.35 * size)))
    for side in (-1, 1):
        image += 0.5 * attenuation(tube(x, y, (px + side * 0.12, py + 0.45), (px + side * 0.12, 1.5), 0.11, 0.1), 0.2)
    return ndimage.rotate(image, rng.choice([0, 180, rng.uniform(0, 360)]), reshape=False)


def ellipse(x, y, cx, cy, a, b, angle=0.0):
    dx, dy = x - cx, y - cy
    u, v = dx * np.cos(angle) + dy * np.sin(angle), -dx * np.sin(angle) + dy * np.cos(angle)
    return (u / a) ** 2 + (v / b) ** 2


def skull(rng):
    """A radiograph of a head, from the front or the side: a bright vault, dark sinuses, a jaw."""
    y, x = grid()
    cx, cy = rng.uniform(-0.15, 0.15, 2)
    a, b = rng.uniform(0.55, 0.95), rng.uniform(0.6, 0.95)
    inside = np.clip(1 - ellipse(x, y, cx, cy - 0.15, a, b), 0, 1)
    image = np.sqrt(inside) * 0.6 + 0.5 * np.exp(-(((np.sqrt(ellipse(x, y, cx, cy - 0.15, a, b)) - 0.95) / 0.06) ** 2))
    for _ in range(int(rng.integers(2, 6))):
        blob = ellipse(x, y, cx + rng.uniform(-0.4, 0.4), cy + rng.uniform(-0.1, 0.6), *rng.uniform(0.05, 0.25, 2))
        image += rng.uniform(-0.5, 0.5) * np.exp(-blob)
    image += 0.5 * np.exp(-ellipse(x, y, cx + rng.uniform(-0.3, 0.3), 0.8, rng.uniform(0.2, 0.6), 0.3))
    return image + spectrum_noise(rng, 1.5) * 0.05


def belly(rng):
    """A radiograph of a belly or pelvis: bright everywhere, a spine, iliac wings, gas."""
    y, x = grid()
    image = 0.6 + 0.2 * (1 - x**2) + spectrum_noise(rng, 1.8) * 0.06
    image += (
        rng.uniform(0.1, 0.35)
        * np.exp(-((x / rng.uniform(0.1, 0.2)) ** 2))
        * (1 + 0.3 * np.sin(y * rng.uniform(12, 20)))
    )
    if rng.random() < 0.6:
        low = rng.uniform(0.2, 0.6)
        for side in (-1, 1):
            ring = np.sqrt(ellipse(x, y, side * 0.5, low, 0.4, 0.35, side * 0.5))
            image += 0.3 * np.exp(-(((ring - 0.9) / 0.15) ** 2))
        image -= 0.2 * np.exp(-ellipse(x, y, 0, low + 0.3, 0.3, 0.25))
    for _ in range(int(rng.integers(0, 9))):
        blob = ellipse(x, y, *rng.uniform(-0.8, 0.8, 2), *rng.uniform(0.06, 0.3, 2), rng.uniform(0, 3))
        image -= rng.uniform(0.05, 0.4) * np.exp(-blob)
    image[np.abs(x) > rng.uniform(0.8, 1.5)] = 0
    return image


def slice_of_body(rng):
    """A CT or MR slice: an oval on an empty field with organs, sometimes two lungs and a spine."""
    y, x = grid()
    a, b = rng.uniform(0.55, 0.98), rng.uniform(0.5, 0.95)
    body = ellipse(x, y, 0, 0, a, b) < 1
    image = np.where(body, rng.uniform(0.3, 0.7), 0.0)
    rim = np.sqrt(ellipse(x, y, 0, 0, a, b))
    image += rng.choice([0, 0.5]) * ((rim > 0.88) & (rim < rng.uniform(0.93, 1.0)))
    if rng.random() < 0.4:
        for side in (-1, 1):
            lung = ellipse(x, y, side * 0.45 * a, rng.uniform(-0.1, 0.1), 0.33 * a, 0.55 * b, side * 0.15) < 1
            image[lung] = rng.uniform(0, 0.1)
        image[ellipse(x, y, rng.uniform(-0.1, 0.2), -0.1, 0.25 * a, 0.35 * b) < 1] = rng.uniform(0.4, 0.6)
        image[ellipse(x, y, 0, 0.6 * b, 0.12, 0.12) < 1] = 0.9
    for _ in range(int(rng.integers(2, 14))):
        organ = ellipse(x, y, *(rng.uniform(-0.6, 0.6, 2) * (a, b)), *rng.uniform(0.04, 0.4, 2), rng.uniform(0, 3)) < 1
        image[organ & body] += rng.uniform(-0.3, 0.3)
    image += spectrum_noise(rng, 1.3) * 0.05 * (body | (rng.random() < 0.3))
    return ndimage.zoom(image, rng.uniform(1, 1.6), order=1) if rng.random() < 0.3 else image


def ultrasound(rng):
    y, x = grid()
    depth, angle = np.hypot(x, y + 1.05), np.arctan2(x, y + 1.05)
    fan = (depth > rng.uniform(0, 0.3)) & (depth < rng.uniform(1.5, 2.1)) & (np.abs(angle) < rng.uniform(0.4, 0.9))
    speckle = np.abs(spectrum_noise(rng, rng.uniform(0, 0.6))) * np.exp(spectrum_noise(rng, 1.8) * 0.6)
    return ndimage.gaussian_filter(speckle, rng.uniform(0, 1.5)) * (fan | (rng.random() < 0.25))


KINDS = [
    blank,
    noise,
    texture,
    texture,
    gradient,
    grating,
    bands,
    bands,
    shapes,
    circuit,
    writing,
    writing,
    leaves,
    leaves,
    leaves,
    limb,
    limb,
    hand,
    skull,
    belly,
    belly,
    slice_of_body,
    slice_of_body,
    ultrasound,
]


def shrink(image, side=28):
    """Centre-cropped to the short edge, greys stretched to [0, 1] where they leave it, resized as the films were."""
    h, w = image.shape
    edge = min(h, w)
    image = image[(h - edge) // 2 : (h + edge) // 2, (w - edge) // 2 : (w + edge) // 2].astype(np.float32)
    small = Image.fromarray(image).resize((side, side), Image.BICUBIC)
    return np.clip(np.asarray(small), 0, 1)


def with_greys_of(image, film):
    """The image with the sorted greys of the film: same histogram, other content."""
    out = np.empty(image.size, np.float32)
    out[np.argsort(image, axis=None, kind="stable")] = np.sort(film, axis=None)
    return out.reshape(image.shape)


def draw(rng, films):
    """One generated stranger [28, 28] in [0, 1]."""
    kind = KINDS[rng.integers(len(KINDS))]
    image = kind(rng)
    if kind is not blank:
        low, high = image.min(), image.max()
        image = (image - low) / (high - low + 1e-9)
        image = image ** np.exp(rng.normal(0, 0.4))
        floor, span = rng.uniform(0, 0.5) * (rng.random() < 0.5), rng.uniform(0.3, 1.0)
        image = floor + image * min(span, 1 - floor)
        if rng.random() < 0.2:
            image = 1 - image
    small = shrink(image)
    if kind is not blank and rng.random() < 0.5:
        small = with_greys_of(small, films[rng.integers(len(films))])
    return small


def disguised(rng, film):
    """A chest film [28, 28] made into a stranger: shuffled, cut out, turned, negated, or only its spectrum kept."""
    kind = rng.integers(7)
    if kind == 0:
        parts = int(rng.choice([2, 4, 7]))
        size = 28 // parts
        tiles = film.reshape(parts, size, parts, size).swapaxes(1, 2).reshape(-1, size, size)
        tiles = tiles[rng.permutation(len(tiles))]
        return tiles.reshape(parts, parts, size, size).swapaxes(1, 2).reshape(28, 28)
    if kind == 1:
        edge = int(rng.integers(7, 13))
        top, left = rng.integers(0, 28 - edge + 1, 2)
        cut = Image.fromarray(film[top : top + edge, left : left + edge])
        return np.clip(np.asarray(cut.resize((28, 28), Image.BICUBIC)), 0, 1)
    if kind == 2:
        return np.rot90(film, int(rng.choice([1, 2, 3]))).copy()
    if kind == 3:
        return 1 - film
    if kind == 4:
        wave = np.fft.rfft2(film)
        phase = np.angle(np.fft.rfft2(rng.random((28, 28))))
        phase[0, 0] = 0
        return with_greys_of(np.fft.irfft2(np.abs(wave) * np.exp(1j * phase), (28, 28)).astype(np.float32), film)
    if kind == 5:
        edge = int(rng.integers(8, 16))
        canvas = np.full((28, 28), rng.random(), np.float32)
        small = np.asarray(Image.fromarray(film).resize((edge, edge), Image.BICUBIC))
        top, left = rng.integers(0, 28 - edge + 1, 2)
        canvas[top : top + edge, left : left + edge] = small
        return np.clip(canvas, 0, 1)
    return film.ravel()[rng.permutation(784)].reshape(28, 28)
