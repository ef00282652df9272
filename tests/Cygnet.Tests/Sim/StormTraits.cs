// What a link of a storm may have besides a pre-shared key and one tunnel, drawn by the seed.
using Cygnet.Ike;
using Cygnet.Policy;

namespace Cygnet.Tests.Sim;

[Flags]
public enum StormTraits
{
    None = 0,

    /// <summary>SAs are rekeyed by the clock.</summary>
    Rekeys = 1,

    /// <summary>A second round of authentication on the initiator's side. RFC 4739.</summary>
    SecondRound = 1 << 1,

    /// <summary>The initiator authenticates by EAP. RFC 7296 2.16.</summary>
    Eap = 1 << 2,

    /// <summary>Post-quantum pre-shared keys. RFC 8784.</summary>
    Ppk = 1 << 3,

    /// <summary>The initiator changes its address. RFC 4555 where <see cref="Mobike"/>, else it authenticates anew.</summary>
    Roams = 1 << 4,

    Mobike = 1 << 5,

    /// <summary>The initiator gets its inner address from the responder. RFC 7296 2.19.</summary>
    VirtualAddress = 1 << 6,

    /// <summary>Packets call for the tunnels.</summary>
    Traps = 1 << 7,

    /// <summary><c>dpdaction=restart</c>, <c>closeaction=restart</c> at the initiator.</summary>
    Restarts = 1 << 8,

    /// <summary>Additional key exchanges, at times optional. RFC 9370.</summary>
    KeyExchanges = 1 << 9,

    /// <summary>IKE_SAs are authenticated anew by the clock; whether they break or make first is each gateway's affair.</summary>
    Reauthenticates = 1 << 10,
}

/// <summary>The connections of a link, as its traits make them.</summary>
static class StormTraitsOfLink
{
    static readonly string[] _eapMethods = ["eap-md5", "eap-mschapv2", "eap-gtc"];

    /// <summary>Only the initiator knows where the other is, or can begin an authentication.</summary>
    public static bool IsOneWay(this StormTraits traits) => (traits & (StormTraits.Eap | StormTraits.Roams | StormTraits.VirtualAddress)) != 0;

    public static StormTraits Draw(SeededRandom random, bool roams)
    {
        var traits = StormTraits.None;
        void May(double chance, StormTraits trait)
        {
            if (random.Chance(chance)) traits |= trait;
        }
        May(0.7, StormTraits.Rekeys);
        May(0.15, StormTraits.SecondRound);
        May(0.2, StormTraits.Eap);
        May(0.2, StormTraits.Ppk);
        May(0.7, StormTraits.Mobike);
        May(0.2, StormTraits.VirtualAddress);
        May(0.2, StormTraits.Traps);
        May(0.2, StormTraits.Restarts);
        May(0.4, StormTraits.KeyExchanges);
        May(0.3, StormTraits.Reauthenticates);
        if (roams) traits |= StormTraits.Roams;
        // The inner address of a trap would have to be known before there is one.
        if (traits.HasFlag(StormTraits.VirtualAddress)) traits &= ~StormTraits.Traps;
        return traits;
    }

    /// <summary>What becomes of either end's connection.</summary>
    public static Func<Connection, Connection> Change(this StormTraits traits, SeededRandom random, Gateway initiator, Gateway responder, string pool)
    {
        var rounds = traits.HasFlag(StormTraits.KeyExchanges) ? Pair.Rounds(1 + random.Below(2), optional: 1 + random.Below(3)) : c => c;
        var method = _eapMethods[random.Below(_eapMethods.Length)];
        var requiresPpk = random.Chance(0.5);
        var (a, b) = (Id(initiator), Id(responder));
        AuthRound[] proofs = [traits.HasFlag(StormTraits.Eap) ? new() { Class = AuthClass.Eap, Method = method, Id = a } : new() { Class = AuthClass.Psk, Id = a }];
        if (traits.HasFlag(StormTraits.SecondRound)) proofs = [.. proofs, new() { Class = AuthClass.Psk, Id = Identity.Parse($"@second.{initiator.Name}.example") }];
        return c =>
        {
            var isInitiator = c.Name.StartsWith(initiator.Name + "-", StringComparison.Ordinal);
            c = rounds(c) with
            {
                DpdDelay = TimeSpan.FromSeconds(30),
                RekeyTime = traits.HasFlag(StormTraits.Rekeys) ? TimeSpan.FromSeconds(120) : TimeSpan.Zero,
                ReauthTime = traits.HasFlag(StormTraits.Reauthenticates) ? TimeSpan.FromSeconds(280) : TimeSpan.Zero,
                RandTime = traits.HasFlag(StormTraits.Rekeys) ? TimeSpan.FromSeconds(20) : TimeSpan.Zero,
                Mobike = traits.HasFlag(StormTraits.Mobike),
                PpkId = traits.HasFlag(StormTraits.Ppk) ? "storm" : "",
                PpkRequired = requiresPpk && traits.HasFlag(StormTraits.Ppk),
                Local = isInitiator ? [.. proofs] : [new() { Class = AuthClass.Psk, Id = b }],
                Remote = isInitiator ? [new() { Class = AuthClass.Psk, Id = b }] : [.. proofs],
            };
            if (traits.HasFlag(StormTraits.Roams)) c = isInitiator ? c with { LocalAddrs = ["%any"] } : c with { RemoteAddrs = ["%any"] };
            if (traits.HasFlag(StormTraits.VirtualAddress)) c = isInitiator ? c with { Vips = [Address.Any4] } : c with { Pools = [pool] };
            return c with { Children = [.. c.Children.Select(k => Change(k, traits, isInitiator))] };
        };
    }

    static ChildConfig Change(ChildConfig k, StormTraits traits, bool isInitiator)
    {
        if (traits.HasFlag(StormTraits.Rekeys)) k = k with { Lifetimes = new(TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(600), TimeSpan.FromSeconds(10)) };
        if (traits.HasFlag(StormTraits.VirtualAddress)) k = isInitiator ? k with { LocalTs = [TrafficSelector.Dynamic] } : k with { RemoteTs = [TrafficSelector.Dynamic] };
        if (traits.HasFlag(StormTraits.Restarts) && isInitiator) k = k with { DpdAction = ChildAction.Start, CloseAction = ChildAction.Start };
        return k;
    }

    static Identity Id(Gateway g) => Identity.Parse($"@{g.Name}.example");
}
