// Which key exchange methods we offer, the one whose public value goes along, and what INVALID_KE_PAYLOAD changes of that.
// RFC 7296 1.2, 1.3, 2.7; RFC 9370 2.2.1.
using System.Buffers.Binary;
using System.Collections.Immutable;
using Cygnet.Crypto;
using Cygnet.Policy;
using Cygnet.Wire;

namespace Cygnet.Ike;

/// <summary>
/// The initiator's side of the first key exchange of IKE_SA_INIT or CREATE_CHILD_SA. The proposals stay the same whatever the peer asks for:
/// a refusal may be forged, and must not make us offer less (RFC 7296 2.7).
/// </summary>
sealed class KeyExchangeOffer(IkeSa ike, ImmutableArray<Proposal> proposals, ushort method) : IDisposable
{
    const int MostRetries = 5;

    readonly HashSet<ushort> _refused = [];
    KeyExchangeStart? _start;

    public ImmutableArray<Proposal> Proposals => proposals;

    /// <summary>The method that is used; 0 for none.</summary>
    public ushort Method { get; private set; } = method;

    /// <summary>Our public value; null without a key exchange.</summary>
    public KePayload? Payload => _start is null ? null : new(Method, _start.PublicValue);

    /// <summary>The first method of the first proposal; 0 if there is none.</summary>
    public static ushort Preferred(ImmutableArray<Proposal> proposals) => proposals.Select(p => p.First(TransformType.KeyExchange)?.Id ?? Ke.None).FirstOrDefault();

    /// <summary>
    /// The proposals with the methods that this build runs. One of which no method of a wanted key exchange is left goes as a whole: it must not
    /// become a weaker one.
    /// </summary>
    public static ImmutableArray<Proposal> Supported(ICryptoDoor crypto, ImmutableArray<Proposal> proposals) => AreAllSupported(crypto, proposals) ? proposals :
        [.. proposals.Select(p => p with { Transforms = [.. p.Transforms.Where(t => !t.IsKeyExchange || t.Id == Ke.None || crypto.Supports(t.Id))] })
            .Where((p, i) => proposals[i].Transforms.Where(t => t.IsKeyExchange).All(t => p.First(t.Type) is not null))];

    static bool AreAllSupported(ICryptoDoor crypto, ImmutableArray<Proposal> proposals)
    {
        foreach (var proposal in proposals)
            foreach (var t in proposal.Transforms)
                if (t.IsKeyExchange && t.Id != Ke.None && !crypto.Supports(t.Id)) return false;
        return true;
    }

    /// <summary>
    /// The proposals as they are sent. Behind one whose additional key exchanges are all optional comes the same without them: a peer that does not
    /// know these types of transforms has to refuse a proposal that names one. RFC 9370 2.2.1.
    /// </summary>
    public static SaPayload OnTheWire(ImmutableArray<Proposal> proposals, byte[] spi) => new([.. proposals
        .SelectMany(p => p.Transforms.Any(t => t.Round > 0) && p.WithoutAdditionalKeyExchanges() is { } plain ? (Proposal[])[p, plain] : [p])
        .Take(byte.MaxValue).Select((p, i) => new SaProposal((byte)(i + 1), p.Protocol, spi, p.Transforms))]);

    /// <summary>Responder: the notify that asks for another method. RFC 7296 1.2.</summary>
    public static NotifyPayload InvalidKe(ushort wanted)
    {
        var data = new byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(data, wanted);
        return new(NotifyType.InvalidKePayload, data);
    }

    /// <summary>Makes our half, then goes on; at once if there is no key exchange.</summary>
    public void Start(Exchange exchange, Action then)
    {
        if (Method == Ke.None)
        {
            then();
            return;
        }
        var (crypto, method) = (ike.Engine.Host.Crypto, Method);
        ike.Do(exchange, crypto.Cost(method), () => crypto.Start(method), started =>
        {
            _start?.Dispose();
            _start = started;
            then();
        });
    }

    /// <summary>The shared secret, or null if the peer's value is of another method or not valid.</summary>
    public void Finish(Exchange exchange, KePayload? ke, Action<byte[]?> then)
    {
        if (ke is null || ke.Method != Method || _start is not { } start)
        {
            then(null);
            return;
        }
        ike.Do(exchange, ike.Engine.Host.Crypto.Cost(Method), () => start.Finish(ke.Data), then);
    }

    /// <summary>The peer wants another method: null if we have turned to it, else the reason why not.</summary>
    public string? TurnTo(NotifyPayload invalidKe)
    {
        if (invalidKe.Data.Length != 2) return "the peer's INVALID_KE_PAYLOAD names no method";
        var wanted = BinaryPrimitives.ReadUInt16BigEndian(invalidKe.Data);
        ike.Log(LogGroup.Ike, 1, $"peer didn't accept DH group {Name(Method)}, it requested {Name(wanted)}");
        _refused.Add(Method);
        if (_refused.Contains(wanted)) return $"the peer requests {Name(wanted)} again";
        if (!proposals.Any(p => p.Of(TransformType.KeyExchange).Any(t => t.Id == wanted))) return $"the peer requests {Name(wanted)}; our proposals do not allow it";
        if (_refused.Count > MostRetries) return $"the peer answered INVALID_KE_PAYLOAD {_refused.Count} times";
        Method = wanted;
        return null;
    }

    static string Name(ushort method) => Transforms.Name(new(TransformType.KeyExchange, method));

    public void Dispose()
    {
        _start?.Dispose();
        _start = null;
    }
}
