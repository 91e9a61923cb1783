"""Who answers for an address on the own network, as the kernel's table tells it."""

from pathlib import Path

from engine.model import Neighbour, neighbour, neighbours

TABLE = """IP address       HW type     Flags       HW address            Mask     Device
192.168.1.9      0x1         0x2         2c:aa:8e:00:00:01     *        eth0
192.168.1.10     0x1         0x0         00:00:00:00:00:00     *        eth0
192.168.1.11     odd
192.168.1.12     0x1         0xzz        00:00:00:00:00:00     *        eth0
192.168.1.13     0x1         0x2         nonsense              *        eth0
192.168.1.14     0x1         0x6         02:00:00:00:00:0a     *        eth0
nonsense
"""


def test_the_network_knows_who_is_there(tmp_path: Path) -> None:
    table = tmp_path / "arp"
    table.write_text(TABLE)
    assert neighbours(table) == {
        "192.168.1.9": Neighbour(True, "2CAA8E000001"),
        "192.168.1.10": Neighbour(False),
        "192.168.1.14": Neighbour(True, "02000000000A"),
    }
    assert neighbour("192.168.1.9", table) == Neighbour(True, "2CAA8E000001")
    assert neighbour("192.168.1.1", table) is None
    assert "2CAA8E" not in repr(neighbour("192.168.1.9", table))


def test_a_table_that_cannot_be_read_knows_nobody(tmp_path: Path) -> None:
    table = tmp_path / "arp"
    table.write_bytes(b"\xff\xfe")
    assert neighbours(table) == neighbours(tmp_path / "none") == {}
