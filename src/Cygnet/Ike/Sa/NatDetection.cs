// NAT detection: a hash over SPIs and each end's address and port. RFC 7296 2.23, 3.10.1.
using System.Buffers.Binary;
using Cygnet.Crypto;
using Cygnet.Policy;
using Cygnet.Wire;

namespace Cygnet.Ike;

static class NatDetection
{
    /// <summary>SHA-1(SPIi | SPIr | address | port), 20 bytes.</summary>
    public static byte[] Hash(ulong initiatorSpi, ulong responderSpi, Endpoint endpoint)
    {
        Span<byte> data = stackalloc byte[8 + 8 + 16 + 2];
        BinaryPrimitives.WriteUInt64BigEndian(data, initiatorSpi);
        BinaryPrimitives.WriteUInt64BigEndian(data[8..], responderSpi);
        var n = endpoint.Address.Length;
        endpoint.Address.Write(data[16..]);
        BinaryPrimitives.WriteUInt16BigEndian(data[(16 + n)..], endpoint.Port);
        var hash = new byte[LegacyDigest.Sha1Bytes];
        LegacyDigest.Sha1(data[..(16 + n + 2)], hash);
        return hash;
    }

    /// <summary>The two notifies. Faking: a random source hash makes the peer see a NAT, and so encapsulate in UDP.</summary>
    public static (NotifyPayload Source, NotifyPayload Destination) Notifies(IkeSa ike, bool fake) => Notifies(ike, ike.Local, ike.Remote, fake);

    /// <summary>The same for a message between these endpoints.</summary>
    public static (NotifyPayload Source, NotifyPayload Destination) Notifies(IkeSa ike, Endpoint local, Endpoint remote, bool fake)
    {
        var source = Hash(ike.InitiatorSpi, ike.ResponderSpi, local);
        if (fake) ike.Engine.Host.Random.Fill(source);
        return (new(NotifyType.NatDetectionSourceIp, source),
            new(NotifyType.NatDetectionDestinationIp, Hash(ike.InitiatorSpi, ike.ResponderSpi, remote)));
    }

    /// <summary>Whether this end shall pretend to be behind a NAT: configured, or a data plane without raw ESP.</summary>
    public static bool MustFake(IkeSa ike) => ike.Provisional is { ForceEncaps: true } || !ike.Engine.Host.DataPlane.CanSendRawEsp;

    /// <summary>Compares the peer's notifies with what we see. <paramref name="local"/> and <paramref name="remote"/> are those of the packet.</summary>
    public static void Evaluate(IkeSa ike, Message message, Endpoint local, Endpoint remote)
    {
        var destination = message.Notify(NotifyType.NatDetectionDestinationIp);
        if (destination is null || !message.Has(NotifyType.NatDetectionSourceIp)) return; // the peer knows no NAT traversal
        var seenRemote = Hash(message.Header.InitiatorSpi, message.Header.ResponderSpi, remote);
        var seenLocal = Hash(message.Header.InitiatorSpi, message.Header.ResponderSpi, local);
        ike.PeerTraversesNat = true;
        var (wasRemote, wasLocal) = (ike.RemoteBehindNat, ike.LocalBehindNat);
        ike.RemoteBehindNat = true;
        foreach (var payload in message.Payloads)
            if (payload is NotifyPayload { Notify: NotifyType.NatDetectionSourceIp } source && source.Data.AsSpan().SequenceEqual(seenRemote)) ike.RemoteBehindNat = false;
        ike.LocalBehindNat = !destination.Data.AsSpan().SequenceEqual(seenLocal);
        if (ike.LocalBehindNat != wasLocal)
            ike.Log(LogGroup.Ike, 1, $"local host is {(wasLocal ? "not behind NAT anymore" : "behind NAT, sending keep alives")}");
        if (ike.RemoteBehindNat != wasRemote)
            ike.Log(LogGroup.Ike, 1, $"remote host is {(wasRemote ? "not behind NAT anymore" : "behind NAT")}");
    }
}
