//! 布局: where the nodes stand. Springs along edges, repulsion between all, from places drawn by a fixed seed; only additions, products,
//! quotients and square roots, which every machine computes alike, so that the picture in a file is the picture on the screen.

use crate::draw::{Graph, Link, NodeKind};
use crate::lots::Lots;

/// Size of the picture.
pub const WIDTH: f64 = 1_000.0;
pub const HEIGHT: f64 = 520.0;

const SEED: u64 = 0x6D69_6E67;
const STEPS: usize = 360;
/// Room left at the edges, for labels.
const MARGIN: (f64, f64) = (62.0, 34.0);

/// Sets `x` and `y` of all nodes.
pub(crate) fn place_nodes(graph: &mut Graph) {
    let count = graph.nodes.len();
    if count == 0 {
        return;
    }
    let mut random = Lots::new(SEED);
    let mut at: Vec<(f64, f64)> = (0..count).map(|_| (random.share() * WIDTH, random.share() * HEIGHT)).collect();
    let springs: Vec<(usize, usize, f64)> = graph
        .edges
        .iter()
        .map(|edge| {
            let weight = if edge.link == Link::Together { 1.0 } else { 0.5 };
            (edge.one, edge.other, weight * f64::from(edge.count.min(16)).sqrt())
        })
        .collect();
    let ideal = (WIDTH * HEIGHT / count as f64).sqrt() * 0.72;
    for step in 0..STEPS {
        let reach = WIDTH / 8.0 * (1.0 - step as f64 / STEPS as f64) + 0.5;
        relax(&mut at, &springs, ideal, reach);
    }
    fit(&mut at);
    let room = if count <= 40 {
        (118.0, 56.0)
    } else if count <= 90 {
        (54.0, 40.0)
    } else {
        (26.0, 24.0)
    };
    spread(&mut at, room);
    for (node, (x, y)) in graph.nodes.iter_mut().zip(at) {
        node.x = (x * 10.0).round() / 10.0;
        node.y = (y * 10.0).round() / 10.0;
        debug_assert!(node.kind == NodeKind::Person || node.standing.is_none(), "only persons have a standing");
    }
}

/// One step of Fruchterman and Reingold, nothing moving further than `reach`.
fn relax(at: &mut [(f64, f64)], springs: &[(usize, usize, f64)], ideal: f64, reach: f64) {
    let mut pull = vec![(0.0, 0.0); at.len()];
    for one in 0..at.len() {
        for other in one + 1..at.len() {
            let (dx, dy) = (at[one].0 - at[other].0, at[one].1 - at[other].1);
            let square = (dx * dx + dy * dy).max(0.01);
            let push = ideal * ideal / square;
            pull[one] = (pull[one].0 + dx * push, pull[one].1 + dy * push);
            pull[other] = (pull[other].0 - dx * push, pull[other].1 - dy * push);
        }
        // To the middle, so that what hangs on nothing does not drift away.
        pull[one] = (pull[one].0 + (WIDTH / 2.0 - at[one].0) * 0.25, pull[one].1 + (HEIGHT / 2.0 - at[one].1) * 0.45);
    }
    for (one, other, weight) in springs {
        let (dx, dy) = (at[*one].0 - at[*other].0, at[*one].1 - at[*other].1);
        let drag = (dx * dx + dy * dy).sqrt() / ideal * weight;
        pull[*one] = (pull[*one].0 - dx * drag, pull[*one].1 - dy * drag);
        pull[*other] = (pull[*other].0 + dx * drag, pull[*other].1 + dy * drag);
    }
    for (place, (dx, dy)) in at.iter_mut().zip(pull) {
        let far = (dx * dx + dy * dy).sqrt().max(0.01);
        let step = far.min(reach) / far;
        *place = (place.0 + dx * step, place.1 + dy * step);
    }
}

/// Stretches the picture to its room; what is a single point stands in the middle.
fn fit(at: &mut [(f64, f64)]) {
    let bounds = |of: fn(&(f64, f64)) -> f64| {
        let values = at.iter().map(of);
        values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)))
    };
    let ((left, right), (top, bottom)) = (bounds(|place| place.0), bounds(|place| place.1));
    let scaled = |value: f64, low: f64, high: f64, margin: f64, size: f64| {
        if high - low < 1e-9 { size / 2.0 } else { margin + (value - low) / (high - low) * (size - 2.0 * margin) }
    };
    for place in at.iter_mut() {
        *place = (scaled(place.0, left, right, MARGIN.0, WIDTH), scaled(place.1, top, bottom, MARGIN.1, HEIGHT));
    }
}

/// Pushes apart what would lie on each other with its label.
fn spread(at: &mut [(f64, f64)], room: (f64, f64)) {
    for _ in 0..120 {
        let mut moved = false;
        for one in 0..at.len() {
            for other in one + 1..at.len() {
                let (dx, dy) = (at[other].0 - at[one].0, at[other].1 - at[one].1);
                let (over_x, over_y) = (room.0 - dx.abs(), room.1 - dy.abs());
                if over_x <= 0.0 || over_y <= 0.0 {
                    continue;
                }
                moved = true;
                // Along the shorter way.
                if over_x / room.0 < over_y / room.1 {
                    let step = if dx >= 0.0 { over_x } else { -over_x } / 2.0;
                    at[one].0 -= step;
                    at[other].0 += step;
                } else {
                    let step = if dy >= 0.0 { over_y } else { -over_y } / 2.0;
                    at[one].1 -= step;
                    at[other].1 += step;
                }
            }
        }
        for place in at.iter_mut() {
            *place = (place.0.clamp(MARGIN.0, WIDTH - MARGIN.0), place.1.clamp(MARGIN.1 - 8.0, HEIGHT - MARGIN.1));
        }
        if !moved {
            break;
        }
    }
}
