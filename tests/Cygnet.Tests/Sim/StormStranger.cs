// A stranger on the path, who reads every packet and sends what he likes: old packets, changed ones, forged ones, from where he likes. RFC 7296 2.4, 2.21, 2.23.
using System.Buffers.Binary;
using Cygnet.Crypto;
using Cygnet.Policy;
using Cygnet.Wire;

namespace Cygnet.Tests.Sim;

/// <summary>
/// Has no keys: SAs that are up must not notice him, and what is being negotiated may fail as long as he is there, no longer. He draws from a
/// random source of his own, so that a storm without him is the same as before.
/// </summary>
sealed class StormStranger
{
    const int Remembered = 400;

    readonly Network _network;
    readonly SeededRandom _random;
    readonly List<(PacketKind Kind, Endpoint Source, Endpoint Destination, byte[] Data)> _seen = [];

    public StormStranger(Network network, ulong seed)
    {
        _network = network;
        _random = new SeededRandom(~seed);
        network.Filter = (kind, source, destination, data) =>
        {
            See(kind, source, destination, data);
            return true;
        };
    }

    /// <summary>Packets that he sent.</summary>
    public int Sent { get; private set; }

    public void Leave() => _network.Filter = null;

    void See(PacketKind kind, Endpoint source, Endpoint destination, byte[] data)
    {
        if (_seen.Count < Remembered) _seen.Add((kind, source, destination, data));
        else _seen[_random.Below(Remembered)] = (kind, source, destination, data);
        if (!_random.Chance(0.2)) return;
        Sent++;
        var packet = _random.Chance(0.5) ? (kind, source, destination, data) : _seen[_random.Below(_seen.Count)];
        var (k, from, to, what) = packet;
        what = _random.Below(4) switch
        {
            0 => what,
            1 => Changed(what),
            2 when k == PacketKind.Ike => Forged(what),
            _ => _random.Chance(0.5) ? what[.._random.Below(what.Length + 1)] : [.. what, .. what[.._random.Below(Math.Min(what.Length, 100) + 1)]],
        };
        // the other way round, or from somewhere else, as often as not
        if (_random.Chance(0.2)) (from, to) = (to, from);
        if (_random.Chance(0.2)) from = new(from.Address.IsIPv6 ? Address.Parse("2001:db8:bad::1") : Address.Parse("198.18.0.1"), (ushort)(1 + _random.Below(65535)));
        _network.At(TimeSpan.FromMilliseconds(_random.Chance(0.5) ? 0 : _random.Below(60_000)), () => _network.Deliver(k, from, to, what));
    }

    byte[] Changed(byte[] data)
    {
        byte[] changed = [.. data];
        for (var i = 1 + _random.Below(3); i > 0 && changed.Length > 0; i--) changed[_random.Below(changed.Length)] ^= (byte)(1 << _random.Below(8));
        return changed;
    }

    /// <summary>A message in the clear under the header of one that was seen: an error, or a delete of all that there is.</summary>
    byte[] Forged(byte[] data)
    {
        if (data.Length < IkeHeader.Bytes) return data;
        byte[] forged = [.. data.AsSpan(0, IkeHeader.Bytes)];
        NotifyType[] errors = [NotifyType.InvalidSyntax, NotifyType.AuthenticationFailed, NotifyType.InvalidIkeSpi, NotifyType.InvalidSpi, NotifyType.NoProposalChosen, NotifyType.TemporaryFailure,
            NotifyType.InvalidKePayload, NotifyType.Cookie, NotifyType.InitialContact, NotifyType.InvalidMessageId];
        var isDelete = _random.Chance(0.3);
        byte[] payload = isDelete ? [0, 0, 0, 8, (byte)SecurityProtocol.Ike, 0, 0, 0] : [0, 0, 0, 10, 0, 0, 0, 0, 0, 14];
        if (!isDelete) BinaryPrimitives.WriteUInt16BigEndian(payload.AsSpan(6), (ushort)errors[_random.Below(errors.Length)]);
        forged[16] = (byte)(isDelete ? PayloadType.Delete : PayloadType.Notify);
        if (_random.Chance(0.5)) forged[18] = (byte)ExchangeType.Informational;
        if (_random.Chance(0.5)) forged[19] ^= 0x20; // a response
        BinaryPrimitives.WriteUInt32BigEndian(forged.AsSpan(20), BinaryPrimitives.ReadUInt32BigEndian(forged.AsSpan(20)) + (uint)_random.Below(3));
        BinaryPrimitives.WriteInt32BigEndian(forged.AsSpan(24), IkeHeader.Bytes + payload.Length);
        return [.. forged, .. payload];
    }
}
