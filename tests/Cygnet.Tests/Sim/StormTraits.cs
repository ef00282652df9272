// What a link of a storm may have besides a pre-shared key and one tunnel, drawn by the seed.
using Cygnet.Crypto;
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

    /// <summary>The first child is in transport mode between the gateways themselves, at times behind a NAT. RFC 7296 2.23.1.</summary>
    Transport = 1 << 11,

    /// <summary>Children in BEET mode, between one host on each side.</summary>
    Beet = 1 << 12,

    /// <summary>AH instead of ESP; there must be no NAT.</summary>
    Ah = 1 << 13,

    /// <summary>IPComp at the initiator, and at times at the responder. RFC 3173.</summary>
    IpComp = 1 << 14,

    /// <summary>The initiator would have more than the responder gives. RFC 7296 2.9.</summary>
    Narrows = 1 << 15,

    /// <summary>TFC padding. RFC 4303 2.7.</summary>
    Padding = 1 << 16,

    /// <summary>The initiator asks for tickets, and comes back by them where the responder gives any. RFC 5723.</summary>
    Resumes = 1 << 17,

    /// <summary>IKE_SAs come up without a child, whoever begins. RFC 6023.</summary>
    Childless = 1 << 18,

    /// <summary>Certificates and signatures in the place of secrets. RFC 7296 2.15, 3.6.</summary>
    Certificates = 1 << 19,

    /// <summary>A RADIUS server behind the responder says who may come in by EAP, and at times for how long. RFC 3579, RFC 4478.</summary>
    Radius = 1 << 20,

    /// <summary>The responder sends the initiator to its other address now and then. RFC 5685.</summary>
    Redirects = 1 << 21,
}

/// <summary>The connections of a link, as its traits make them.</summary>
static class StormTraitsOfLink
{
    static readonly string[] _eapMethods = ["eap-md5", "eap-mschapv2", "eap-gtc"];

    /// <summary>Only the initiator knows where the other is, or can begin an authentication.</summary>
    public static bool IsOneWay(this StormTraits traits) => (traits & (StormTraits.Eap | StormTraits.Roams | StormTraits.VirtualAddress)) != 0;

    public static StormTraits Draw(SeededRandom random, Gateway initiator, Gateway responder, bool roams)
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
        May(0.25, StormTraits.Transport);
        May(0.15, StormTraits.Beet);
        May(0.15, StormTraits.Ah);
        May(0.2, StormTraits.IpComp);
        May(0.3, StormTraits.Narrows);
        May(0.2, StormTraits.Padding);
        May(0.3, StormTraits.Resumes);
        May(0.2, StormTraits.Childless);
        May(0.3, StormTraits.Certificates);
        May(0.4, StormTraits.Radius);
        May(0.5, StormTraits.Redirects);
        // The inner packets of storms are IPv4.
        if (responder.Address.IsIPv6) traits &= ~StormTraits.Transport;
        if (initiator.Nat is not null) traits &= ~StormTraits.Ah;
        // Who has no address yet has none to put into selectors; and its children differ in the other side alone, so nothing of that can be in common.
        if (traits.HasFlag(StormTraits.VirtualAddress)) traits &= ~(StormTraits.Transport | StormTraits.Beet | StormTraits.Narrows);
        if (!traits.HasFlag(StormTraits.Eap)) traits &= ~StormTraits.Radius;
        // What is between the gateways themselves goes with their addresses, and from the right one of them.
        if (initiator.Addresses.Count > 1 || responder.Addresses.Count > 1) traits &= ~StormTraits.Transport;
        if (responder.Addresses.Count == 1) traits &= ~StormTraits.Redirects;
        // A trap between hosts is for the addresses that they had.
        if (traits.HasFlag(StormTraits.Transport) && roams) traits &= ~StormTraits.Traps;
        if (traits.HasFlag(StormTraits.Beet)) traits &= ~(StormTraits.Transport | StormTraits.Narrows);
        if (roams) traits |= StormTraits.Roams;
        // The inner address of a trap would have to be known before there is one.
        if (traits.HasFlag(StormTraits.VirtualAddress)) traits &= ~StormTraits.Traps;
        return traits;
    }

    /// <summary>What becomes of either end's connection.</summary>
    public static Func<Connection, Connection> Change(this StormTraits traits, SeededRandom random, Gateway initiator, Gateway responder, string pool)
    {
        var rounds = traits.HasFlag(StormTraits.KeyExchanges) ? Pair.Rounds(1 + random.Below(2), optional: 1 + random.Below(3)) : c => c;
        var hasRadius = traits.HasFlag(StormTraits.Radius);
        var method = hasRadius ? "eap-md5" : _eapMethods[random.Below(_eapMethods.Length)];
        var requiresPpk = random.Chance(0.5);
        var (a, b) = (Id(initiator), Id(responder));
        var bothCompress = random.Chance(0.7);
        var proof = traits.HasFlag(StormTraits.Certificates) ? AuthClass.PublicKey : AuthClass.Psk;
        AuthRound[] proofs = [traits.HasFlag(StormTraits.Eap) ? new() { Class = AuthClass.Eap, Method = method, Id = a } : new() { Class = proof, Id = a }];
        if (traits.HasFlag(StormTraits.SecondRound)) proofs = [.. proofs, new() { Class = proof, Id = Identity.Parse("@" + StormLink.SecondName(initiator)) }];
        AuthRound[] checks = hasRadius ? [proofs[0] with { Method = "eap-radius" }, .. proofs[1..]] : proofs;
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
                Resumes = isInitiator && traits.HasFlag(StormTraits.Resumes),
                Childless = traits.HasFlag(StormTraits.Childless) ? ChildlessPolicy.Force : ChildlessPolicy.Allow,
                PpkId = traits.HasFlag(StormTraits.Ppk) ? "storm" : "",
                PpkRequired = requiresPpk && traits.HasFlag(StormTraits.Ppk),
                Local = isInitiator ? [.. proofs] : [new() { Class = proof, Id = b }],
                Remote = isInitiator ? [new() { Class = proof, Id = b }] : [.. checks],
            };
            if (traits.HasFlag(StormTraits.Roams)) c = isInitiator ? c with { LocalAddrs = ["%any"] } : c with { RemoteAddrs = ["%any"] };
            if (traits.HasFlag(StormTraits.VirtualAddress)) c = isInitiator ? c with { Vips = [Address.Any4] } : c with { Pools = [pool] };
            return c with { Children = [.. c.Children.Select((k, i) => Change(k, i, traits, isInitiator, bothCompress))] };
        };
    }

    static ChildConfig Change(ChildConfig k, int number, StormTraits traits, bool isInitiator, bool bothCompress)
    {
        if (traits.HasFlag(StormTraits.Rekeys)) k = k with { Lifetimes = new(TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(600), TimeSpan.FromSeconds(10)) };
        if (traits.HasFlag(StormTraits.VirtualAddress)) k = isInitiator ? k with { LocalTs = [TrafficSelector.Dynamic] } : k with { RemoteTs = [TrafficSelector.Dynamic] };
        if (traits.HasFlag(StormTraits.Restarts) && isInitiator) k = k with { DpdAction = ChildAction.Start, CloseAction = ChildAction.Start };
        if (traits.HasFlag(StormTraits.Beet)) k = k with { Mode = ChildMode.Beet, LocalTs = [Host(k.LocalTs[0])], RemoteTs = [Host(k.RemoteTs[0])] };
        if (traits.HasFlag(StormTraits.Narrows) && isInitiator) k = k with { RemoteTs = [TrafficSelector.Subnet(new(k.RemoteTs[0].From, false), 16)] };
        if (traits.HasFlag(StormTraits.Transport) && number == 0) k = k with { Mode = ChildMode.Transport, LocalTs = [TrafficSelector.Dynamic], RemoteTs = [TrafficSelector.Dynamic] };
        if (traits.HasFlag(StormTraits.IpComp) && (isInitiator || bothCompress)) k = k with { IpComp = true };
        if (traits.HasFlag(StormTraits.Padding)) k = k with { TfcPadding = 300 };
        if (traits.HasFlag(StormTraits.Ah))
        {
            // what is negotiated besides stays: key exchanges and sequence numbers
            var integrity = new Transform(TransformType.Integrity, Integ.HmacSha256_128);
            k = k with { Proposals = [.. k.Proposals.Select(p => new Proposal(SecurityProtocol.Ah, [integrity, .. p.Transforms.Where(t => t.Type is not (TransformType.Encryption or TransformType.Integrity))]))] };
        }
        return k;
    }

    static TrafficSelector Host(TrafficSelector net) => TrafficSelector.Single(new(net.From + 7, false));

    static Identity Id(Gateway g) => Identity.Parse($"@{g.Name}.example");
}
