// Numbers of the Linux ABI (asm-generic, the same on x86-64 and arm64).
namespace Cygnet.Linux.Native;

static class Errno
{
    internal const int EPERM = 1, ENOENT = 2, ESRCH = 3, EINTR = 4, EIO = 5, EAGAIN = 11, ENOMEM = 12, EACCES = 13, EBUSY = 16, EEXIST = 17,
        ENODEV = 19, EINVAL = 22, ENOSPC = 28, EMSGSIZE = 90, ENOPROTOOPT = 92, EPROTONOSUPPORT = 93, EOPNOTSUPP = 95, EAFNOSUPPORT = 97,
        EADDRINUSE = 98, EADDRNOTAVAIL = 99, ENETDOWN = 100, ENETUNREACH = 101, ENOBUFS = 105, ECONNREFUSED = 111, EHOSTUNREACH = 113, EDQUOT = 122;
}

static class Af
{
    internal const int Inet = 2, Inet6 = 10, Netlink = 16, Packet = 17;
}

static class SockType
{
    internal const int Datagram = 2, Raw = 3, CloseOnExec = 0x80000;
}

static class Sol
{
    internal const int Ip = 0, Socket = 1, Udp = 17, IPv6 = 41, Netlink = 270;
}

static class SockOpt
{
    internal const int ReuseAddress = 2, SendBuffer = 7, ReceiveBuffer = 8, SendBufferForce = 32, ReceiveBufferForce = 33, Mark = 36;
    internal const int IpTos = 1, IpPacketInfo = 8, IpMtuDiscover = 10, IpReceiveTos = 13, PmtuDiscoverDont = 0;
    internal const int IPv6MtuDiscover = 23, IPv6Only = 26, IPv6ReceivePacketInfo = 49, IPv6PacketInfo = 50, IPv6ReceiveTrafficClass = 66, IPv6TrafficClass = 67;
    internal const int UdpEncap = 100, UdpSegment = 103, UdpGro = 104, UdpEncapEspInUdp = 2;
    internal const int NetlinkAddMembership = 1, NetlinkCapAck = 10, NetlinkExtAck = 11, NetlinkStrictCheck = 12;
}

static class MsgFlag
{
    internal const int DontWait = 0x40, NoSignal = 0x4000, WaitForOne = 0x10000, Truncated = 0x20;
}

static class OpenFlag
{
    internal const int ReadOnly = 0, WriteOnly = 1, ReadWrite = 2, Create = 0x40, Truncate = 0x200, Append = 0x400, NonBlock = 0x800, CloseOnExec = 0x80000;
}
