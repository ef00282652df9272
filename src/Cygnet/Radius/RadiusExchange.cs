// One request and its repetitions. RFC 2865 2.4, RFC 5080 2.2.1.
using Cygnet.Ike;

namespace Cygnet.Radius;

/// <summary><paramref name="sticks"/>: the conversation is held with one server, no other can go on with it.</summary>
sealed class RadiusExchange(RadiusCode code, RadiusAttributes attributes, bool sticks, Action<RadiusReply?> done)
{
    public RadiusCode Code { get; } = code;
    public RadiusAttributes Attributes { get; } = attributes;
    public bool Sticks { get; } = sticks;
    public Action<RadiusReply?> Done { get; } = done;

    /// <summary>Servers that did not answer.</summary>
    public List<RadiusServer> Tried { get; } = [];
    public RadiusChannel? Channel { get; set; }
    public byte Identifier { get; set; }
    public byte[] Authenticator { get; set; } = [];

    /// <summary>What is sent, and sent again: the same bytes, so that the server knows a repetition.</summary>
    public byte[] Datagram { get; set; } = [];
    public int Sent { get; set; }
    public Instant Deadline { get; set; } = Instant.Never;
}
