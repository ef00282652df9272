// The outer endpoints of an ESP packet. RFC 4301 5.1.2.1; RFC 3948 for the ports.
using Cygnet.Policy;

namespace Cygnet.Esp;

/// <summary>Between whom an ESP packet travels, seen from us. The ports count only with UDP encapsulation; without it they are 0.</summary>
public readonly record struct EspPath(Endpoint Local, Endpoint Remote, bool UdpEncapsulation)
{
    /// <summary>DSCP and ECN of the outer header.</summary>
    public byte TrafficClass { get; init; }
}
