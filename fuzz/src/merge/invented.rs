//! Nodes that disagree, as bytes direct: a cluster, and for each view what is different in it.

use slotkeeper::SLOT_COUNT;
use slotkeeper::cluster::address::Address;
use slotkeeper::cluster::info_reply::ClusterInfo;
use slotkeeper::cluster::view::View;
use slotkeeper::parse_nodes;

/// Slots are given and taken in so many equal bands.
const BANDS: usize = 16;

/// The views that make what is known, and those that come later.
pub fn views(bytes: &[u8]) -> (Vec<View>, Vec<View>) {
    let mut bytes = Bytes(bytes);
    let cluster = cluster(&mut bytes);
    let (early, late) = (bytes.below(4), 1 + bytes.below(3));
    let mut views: Vec<View> = (0..early + late).map(|number| view(&cluster, number, &mut bytes)).collect();
    let late = views.split_off(early);
    (views, late)
}

/// The input: zeros when it is at its end.
struct Bytes<'a>(&'a [u8]);

impl Bytes<'_> {
    fn below(&mut self, limit: usize) -> usize {
        let Some((&first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        usize::from(first) % limit
    }
}

#[derive(Clone)]
struct Line {
    id: u8,
    host: String,
    port: usize,
    flags: Vec<&'static str>,
    master: Option<u8>,
    epoch: usize,
    bands: Vec<usize>,
    moving: Vec<String>,
}

fn cluster(bytes: &mut Bytes<'_>) -> Vec<Line> {
    let (masters, replicas) = (1 + bytes.below(6), bytes.below(6));
    let mut lines: Vec<Line> = (0..masters + replicas)
        .map(|number| Line {
            id: number as u8 + 1,
            host: format!("10.0.0.{number}"),
            port: 7000,
            flags: vec![if number < masters { "master" } else { "slave" }],
            master: (number >= masters).then_some((number % masters) as u8 + 1),
            epoch: number % masters + 1,
            bands: Vec::new(),
            moving: Vec::new(),
        })
        .collect();
    for band in 0..BANDS {
        lines[band % masters].bands.push(band);
    }
    lines
}

/// The cluster as one of its nodes sees it, who may be wrong in at most eleven things.
fn view(cluster: &[Line], number: usize, bytes: &mut Bytes<'_>) -> View {
    let mut lines = cluster.to_vec();
    let myself = bytes.below(lines.len());
    lines[myself].flags.insert(0, "myself");
    let (state_ok, epoch) = (bytes.below(4) != 1, 6 + bytes.below(4) as u64);
    for _ in 0..bytes.below(12) {
        if lines.is_empty() {
            break;
        }
        distort(&mut lines, bytes);
    }
    let assigned = lines.iter().map(|line| line.bands.len() * SLOT_COUNT / BANDS).sum::<usize>();
    let text: String = lines.iter().map(write).collect();
    View {
        from: Address::new("dialled", 1 + number as u16),
        // A view without a node is one as well.
        reply: parse_nodes(text.as_bytes()).unwrap_or_default(),
        info: ClusterInfo {
            state_ok,
            slots_assigned: assigned as u32,
            current_epoch: epoch,
            known_nodes: lines.len() as u32,
            ..ClusterInfo::default()
        },
    }
}

fn distort(lines: &mut Vec<Line>, bytes: &mut Bytes<'_>) {
    let (kind, place, value) = (bytes.below(17), bytes.below(lines.len()), bytes.below(256));
    let other = lines[value % lines.len()].id;
    let line = &mut lines[place];
    match kind {
        0 => drop(lines.remove(place)),
        1 => line.flags.push("fail"),
        2 => line.flags.push("fail?"),
        3 => line.flags.push(["handshake", "noaddr", "nofailover", "noflags", "shiny"][value % 5]),
        4 => line.epoch = value % 16,
        5 => {
            line.flags.retain(|flag| *flag != "master" && *flag != "slave");
            line.flags.push("slave");
            line.master = Some(other);
        }
        6 => {
            line.flags.retain(|flag| *flag != "master" && *flag != "slave");
            line.flags.push("master");
            line.master = None;
        }
        7 => line.bands.push(value % BANDS),
        8 => {
            lines.iter_mut().for_each(|line| line.bands.retain(|band| *band != value % BANDS));
            lines[place].bands.push(value % BANDS);
        }
        9 => line.bands.clear(),
        10 => line.host = ["", "?", "::1", "db-1.example", "[::1]"][value % 5].to_owned(),
        11 => line.port = value % 3,
        12 => line.id = value as u8,
        13 => line.flags.insert(0, "myself"),
        14 => line.flags.retain(|flag| *flag != "myself"),
        15 => {
            let again = line.clone();
            lines.insert(value % (lines.len() + 1), again);
        }
        _ => {
            let arrow = if value % 2 == 0 { "->-" } else { "-<-" };
            line.moving.push(format!("[{value}{arrow}{}]", id(other)));
        }
    }
}

fn write(line: &Line) -> String {
    let master = line.master.map_or("-".to_owned(), id);
    let slots = line.bands.iter().map(|band| {
        let first = band * SLOT_COUNT / BANDS;
        format!(" {first}-{}", first + SLOT_COUNT / BANDS - 1)
    });
    let items: String = slots.chain(line.moving.iter().map(|item| format!(" {item}"))).collect();
    let Line { host, port, flags, epoch, .. } = line;
    format!("{} {host}:{port}@{port} {} {master} 0 0 {epoch} connected{items}\n", id(line.id), flags.join(","))
}

fn id(number: u8) -> String {
    format!("{number:02x}").repeat(20)
}
