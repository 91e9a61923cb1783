"""`script/bench live`: the relay beside go2rtc's own source, in one run.

Each side has equal simulated cameras of its own. Ours is the whole product: the integration in a real Home
Assistant, its relay, its go2rtc. The other is a plain go2rtc that dials by its own `wyze://` source. The
cases take turns and are repeated; what decides is a ratio, a difference or a count, never a bare time.

bench.py goes through the cases, each of which is a function in openings.py (what a browser or a still
shows), weather.py (latency, loss, a camera that is away) or load.py (CPU and memory); viewer.py reads
pictures by RTSP, frames.py tells which, meters.py reads processes, rows.py keeps figures and limits.
"""
