// Kinds of super-packets, numbered as in the virtio network header. VIRTIO 1.2, 5.1.6.
namespace Cygnet.Esp;

/// <summary>What a super-packet is to be cut into. UDP fragmentation (3) is not used, the ECN bit (0x80) is kept apart.</summary>
public enum GsoType : byte
{
    None = 0,
    TcpV4 = 1,
    TcpV6 = 4,
    UdpL4 = 5,
}
