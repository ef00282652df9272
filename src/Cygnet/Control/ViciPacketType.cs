// Packet types of the VICI control protocol: the first byte of every segment.
namespace Cygnet.Control;

/// <summary>What a VICI packet is for; the named types carry a command's or an event's name.</summary>
public enum ViciPacketType : byte
{
    CommandRequest = 0,
    CommandResponse = 1,
    CommandUnknown = 2,
    EventRegister = 3,
    EventUnregister = 4,
    EventConfirm = 5,
    EventUnknown = 6,
    Event = 7,
}
