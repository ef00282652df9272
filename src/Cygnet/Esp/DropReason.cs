// Why the engine dropped a packet. RFC 4301 5.1, 5.2; RFC 4303 3.4 (the auditable events).
namespace Cygnet.Esp;

/// <summary>One counter each, see <see cref="EspEngine.Dropped"/>.</summary>
public enum DropReason
{
    /// <summary>Outbound: not a well-formed IP packet, or offload values that contradict it.</summary>
    OutboundMalformed,
    /// <summary>Outbound: no policy covers it; it would leave in clear.</summary>
    NoPolicy,
    /// <summary>Outbound: its policy is to drop.</summary>
    Shunt,
    /// <summary>Outbound: its policy has no SA.</summary>
    NoOutboundSa,
    /// <summary>Outbound: it met a trap policy whose SA is not there yet.</summary>
    AwaitingSa,
    /// <summary>Outbound: its policy has SAs, but none with selectors that cover it.</summary>
    OutboundSelector,
    /// <summary>Outbound: the sequence numbers are used up, RFC 4303 3.3.3.</summary>
    SequenceExhausted,
    /// <summary>Either way: the SA's byte or packet limit is reached.</summary>
    Expired,
    /// <summary>Outbound: does not fit one datagram.</summary>
    TooBig,
    /// <summary>Outbound: a fragment, for an SA that carries whole packets only (transport mode, BEET).</summary>
    Fragment,
    /// <summary>Inbound: congestion was marked outside on a packet whose ends do not know such marks. RFC 6040 4.2.</summary>
    Congestion,
    /// <summary>Inbound: shorter than its SA's fixed fields, or a length that is no multiple of the block.</summary>
    EspMalformed,
    /// <summary>Inbound: no SA has the SPI.</summary>
    UnknownSpi,
    /// <summary>Inbound: seen before, or older than the window.</summary>
    Replay,
    /// <summary>Inbound: the integrity check value is wrong.</summary>
    Integrity,
    /// <summary>Inbound: authenticated, but the padding is not 1, 2, 3 and so on.</summary>
    Padding,
    /// <summary>Inbound: authenticated, but the content is no well-formed IP packet.</summary>
    InnerMalformed,
    /// <summary>Inbound: authenticated, but not covered by the SA's selectors.</summary>
    InboundSelector,
    /// <summary>Inbound: a dummy packet (next header 59), meant to be dropped. RFC 4303 2.6.</summary>
    Dummy,
}
