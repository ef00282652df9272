// Flags of the netlink header, linux/netlink.h.
namespace Cygnet.Linux.Netlink;

static class NetlinkFlag
{
    internal const int Request = 1, Ack = 4, DumpInterrupted = 0x10, Capped = 0x100, AckTlvs = 0x200,
        Replace = 0x100, Exclusive = 0x200, Create = 0x400, Dump = 0x300;
}
