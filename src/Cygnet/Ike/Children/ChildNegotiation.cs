// Agreeing on a CHILD_SA: proposals and traffic selectors, for IKE_AUTH and CREATE_CHILD_SA alike. RFC 7296 2.7, 2.9, 1.3.
using System.Collections.Immutable;
using Cygnet.Crypto;
using Cygnet.Policy;
using Cygnet.Wire;

namespace Cygnet.Ike;

/// <summary>Somebody wants this child up.</summary>
sealed record ChildWish(ChildConfig Config, IWatcher? Watcher)
{
    /// <summary>The packet that met a trap, if that is why.</summary>
    public Acquired? Acquired { get; init; }
}

static class ChildNegotiation
{
    /// <summary>Our proposals that the data plane can carry; without key exchanges if those of the IKE_SA's keys serve.</summary>
    public static ImmutableArray<Proposal> Proposals(IkeSa ike, ChildConfig config, bool withKe)
    {
        var plane = ike.Engine.Host.DataPlane;
        return [.. (withKe ? KeyExchangeOffer.Supported(ike.Engine.Host.Crypto, config.Proposals) : config.Proposals).Select(p => p with
        {
            Transforms = [.. p.Transforms.Where(t => t.IsKeyExchange ? withKe : t.Type is not (TransformType.Encryption or TransformType.Integrity) || plane.Supports(p.Protocol, t))],
        }).Where(p => p.First(p.Protocol == SecurityProtocol.Ah ? TransformType.Integrity : TransformType.Encryption) is not null)];
    }

    public static SaPayload Offer(ImmutableArray<Proposal> proposals, uint spi) => KeyExchangeOffer.OnTheWire(proposals, SpiBytes(spi));

    public static SaPayload Answer(Proposal chosen, byte number, uint spi) => new([new SaProposal(number, chosen.Protocol, SpiBytes(spi), chosen.Transforms)]);

    public static TsPayload Initiator(ImmutableArray<TrafficSelector> ts) => new(PayloadType.TsInitiator, ts);

    public static TsPayload Responder(ImmutableArray<TrafficSelector> ts) => new(PayloadType.TsResponder, ts);

    public static ImmutableArray<TrafficSelector> Local(IkeSa ike, ChildConfig config) => Resolve(config.LocalTs, ike.LocalHosts);

    public static ImmutableArray<TrafficSelector> Remote(IkeSa ike, ChildConfig config) => Allowed(ike, Resolve(config.RemoteTs, ike.RemoteHosts));

    // A peer speaks for the addresses in its certificate only, whatever else is configured. RFC 3779, RFC 4945 5.1.3.9.
    static ImmutableArray<TrafficSelector> Allowed(IkeSa ike, ImmutableArray<TrafficSelector> selectors) =>
        ike.PeerAddressBlocks is { } blocks ? TrafficSelector.Intersect(selectors, blocks) : selectors;

    static void LogBlocks(IkeSa ike, ImmutableArray<TrafficSelector> offered)
    {
        if (ike.PeerAddressBlocks is not { } blocks) return;
        ike.Log(LogGroup.Ike, 1, $"checking certificate-based traffic selector constraints [RFC 3779]");
        foreach (var selector in offered.Take(16))
        {
            var inside = blocks.Select(b => (Block: b, Subset: selector.Intersect(b))).Where(p => p.Subset is not null).Take(16).ToList();
            foreach (var (block, subset) in inside) ike.Log(LogGroup.Ike, 1, $"  TS {selector} is contained in address block constraint {block} (subset {subset})");
            if (inside.Count == 0) ike.Log(LogGroup.Ike, 1, $"  TS {selector} is not contained in any address block constraint");
        }
    }

    /// <summary>A dynamic selector stands for each of the end's addresses, an unspecified one for all of its family.</summary>
    static ImmutableArray<TrafficSelector> Resolve(ImmutableArray<TrafficSelector> selectors, ImmutableArray<Address> hosts) =>
        [.. selectors.SelectMany(t => t.IsDynamic ? hosts.Select(t.Resolve) : [t]).Distinct()];

    /// <summary>Initiator: why the child cannot be proposed; null if it can.</summary>
    public static string? WhyNot(ChildSa child, ImmutableArray<Proposal> proposals) =>
        child.Protocol == SecurityProtocol.Ah && child.Ike.HasNat ? $"'{child.Config.Name}' is for AH, which no NAT lets through; 'esp=' instead of 'ah=' would"
        : proposals.IsEmpty ? $"none of the proposals of '{child.Config.Name}' can be offered: algorithms or data plane lack what they need; change '{Keyword(child.Config)}='"
        : child.LocalTs.IsEmpty ? $"'{child.Config.Name}' is for a virtual address, and the peer has assigned none to us"
        : child.RemoteTs.IsEmpty && child.Ike.PeerAddressBlocks is not null ? $"the addresses in the peer's certificate (RFC 3779) hold nothing of what '{child.Config.Name}' is for; change 'rightsubnet='"
        : child.RemoteTs.IsEmpty ? $"'{child.Config.Name}' is for peers that have a virtual address from us ('rightsourceip='), and this one has none" : null;

    /// <summary>Initiator: the child to be, with what it proposes: before the configured selectors those of the packet that asked for it. RFC 7296 2.9.</summary>
    public static ChildSa Begin(IkeSa ike, ChildWish wish) => new(ike, wish.Config)
    {
        Watcher = wish.Watcher, Acquired = wish.Acquired, LocalTs = ProposedLocal(ike, wish.Config, wish.Acquired), RemoteTs = ProposedRemote(ike, wish.Config, wish.Acquired),
    };

    public static ImmutableArray<TrafficSelector> ProposedLocal(IkeSa ike, ChildConfig config, Acquired? acquired) => Behind(ike, acquired?.Local, Local(ike, config));

    public static ImmutableArray<TrafficSelector> ProposedRemote(IkeSa ike, ChildConfig config, Acquired? acquired) => Allowed(ike, Behind(ike, acquired?.Remote, Remote(ike, config)));

    static ImmutableArray<TrafficSelector> Behind(IkeSa ike, TrafficSelector? packet, ImmutableArray<TrafficSelector> configured) =>
        packet is null || ike.Engine.Settings.IgnoreAcquireTs || configured is [var only] && only == packet ? configured : [packet, .. configured];

    /// <summary>The peer's proposals of one protocol as the chooser takes them.</summary>
    public static List<(byte Number, Proposal Proposal)> Theirs(SaPayload sa, SecurityProtocol protocol)
    {
        var theirs = new List<(byte, Proposal)>(sa.Proposals.Length);
        foreach (var p in sa.Proposals)
            if (p.Protocol == protocol && !p.IsUnusable) theirs.Add((p.Number, new(p.Protocol, p.Transforms)));
        return theirs;
    }

    /// <summary>
    /// Responder: the child that the request fits best, with selectors narrowed and a proposal chosen, or the notify to refuse with.
    /// <paramref name="rekeyed"/>: no other configuration counts, and the mode stays.
    /// </summary>
    public static ChildSa? Choose(IkeSa ike, Message request, ChildSa? rekeyed, bool withKe, out byte number, out NotifyType refusal)
    {
        number = 0;
        var sa = request.Get<SaPayload>()!;
        var tsi = request.Get<TsPayload>(PayloadType.TsInitiator)!.Selectors;
        var tsr = request.Get<TsPayload>(PayloadType.TsResponder)!.Selectors;
        ChildConfig? best = null;
        ImmutableArray<TrafficSelector> bestLocal = [], bestRemote = [];
        var bestScore = 0;
        var asked = ChildNotifies.Mode(ike, request);
        LogBlocks(ike, tsi);
        var (tsiSeen, tsrSeen) = (ChildNotifies.BehindNat(tsi, ike.RemoteBehindNat, ike.Remote.Address), ChildNotifies.BehindNat(tsr, ike.LocalBehindNat, ike.Local.Address));
        foreach (var config in rekeyed is null ? ike.Connection!.Children : [rekeyed.Config])
        {
            if (config.Mode is ChildMode.Pass or ChildMode.Drop) continue;
            var (local, remote) = (Local(ike, config), Remote(ike, config));
            var (narrowLocal, narrowRemote) = asked == ChildMode.Transport && (rekeyed?.Mode ?? config.Mode) == asked
                ? (TrafficSelector.Intersect(local, tsrSeen), TrafficSelector.Intersect(remote, tsiSeen)) : ([], []);
            // RFC 7296 2.23.1: what comes to nothing in transport mode is looked up again as it was sent
            if (narrowLocal.IsEmpty || narrowRemote.IsEmpty) (narrowLocal, narrowRemote) = (TrafficSelector.Intersect(local, tsr), TrafficSelector.Intersect(remote, tsi));
            if (narrowLocal.IsEmpty || narrowRemote.IsEmpty) continue;
            // RFC 7296 2.9: what includes the first selectors, those of the packet; an exact match beats a narrowed one, the first configured wins among equals
            var score = 1 + (narrowLocal.Any(t => t.Contains(tsr[0])) && narrowRemote.Any(t => t.Contains(tsi[0])) ? 8 : 0) + (narrowLocal.SequenceEqual(tsr) ? 2 : 0) + (narrowRemote.SequenceEqual(tsi) ? 2 : 0)
                + (narrowLocal.SequenceEqual(local) ? 1 : 0) + (narrowRemote.SequenceEqual(remote) ? 1 : 0);
            if (score <= bestScore) continue;
            (best, bestLocal, bestRemote, bestScore) = (config, narrowLocal, narrowRemote, score);
        }
        if (best is null)
        {
            ike.Log(LogGroup.Ike, 1, $"traffic selectors {string.Join(' ', tsr)} === {string.Join(' ', tsi)} unacceptable");
            RefuseSelectors(ike, rekeyed is null ? [.. ike.Connection!.Children.Where(c => c.Mode is not (ChildMode.Pass or ChildMode.Drop))] : [rekeyed.Config], tsr, tsi);
            refusal = NotifyType.TsUnacceptable;
            return null;
        }
        var protocol = best.Proposals is [var first, ..] ? first.Protocol : SecurityProtocol.Esp;
        if (protocol == SecurityProtocol.Ah && ike.HasNat)
        {
            ike.Refused(RefusalKind.Child, RefusedBy.Us, $"CHILD_SA '{best.Name}' is for AH, which no NAT lets through", "'esp=' instead of 'ah=', on both ends, would do");
            refusal = NotifyType.NoProposalChosen;
            return null;
        }
        var theirs = Theirs(sa, protocol);
        if (theirs.Count == 0) theirs = Theirs(sa, protocol == SecurityProtocol.Ah ? SecurityProtocol.Esp : SecurityProtocol.Ah); // to say what it is
        var ours = Proposals(ike, best, withKe);
        var chosen = withKe ? ProposalChoice.Select(ours, theirs, ike.Engine.Settings.PreferConfiguredProposals, out number, out var reason)
            : ProposalChoice.SelectWithoutKe(ours, theirs, ike.Engine.Settings.PreferConfiguredProposals, out number, out reason);
        if (chosen is null)
        {
            ike.Log(LogGroup.Cfg, 1, $"received proposals: {string.Join(", ", theirs.Select(t => t.Proposal))}");
            ike.Log(LogGroup.Cfg, 1, $"configured proposals: {string.Join(", ", ours.Select(p => p.ToString()))}");
            ike.Log(LogGroup.Ike, 1, $"no acceptable proposal found: {reason}");
            var miss = ProposalChoice.Nearest(ours, theirs);
            ike.Refused(RefusalKind.Child, RefusedBy.Us, $"CHILD_SA '{best.Name}': {miss?.Explain() ?? reason}", miss?.Change(),
                $"offered: {string.Join(", ", theirs.Select(t => t.Proposal))}", $"allowed: {string.Join(", ", ours.Select(p => p.ToString()))}");
            refusal = NotifyType.NoProposalChosen;
            return null;
        }
        refusal = default;
        var wanted = number;
        var spi = sa.Proposals.First(p => p.Number == wanted && p.Protocol == protocol).Spi;
        ike.Log(LogGroup.Cfg, 1, $"selected proposal: {chosen}");
        var wants = rekeyed?.Mode ?? best.Mode;
        var child = new ChildSa(ike, best)
        {
            Mode = asked != ChildMode.Tunnel && asked == wants && ChildNotifies.Suits(ike, asked, bestLocal, bestRemote) ? asked : ChildMode.Tunnel, LocalTs = bestLocal, RemoteTs = bestRemote, Proposal = chosen, SpiOut = System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(spi),
            KeMethod = chosen.First(TransformType.KeyExchange)?.Id ?? 0,
        };
        ChildNotifies.Answer(child, request);
        Narrowing.Note(child);
        return child;
    }

    /// <summary>Initiator: takes the response over into the child; false with the reason, and what it is to those who watch, if it is not what we offered.</summary>
    public static bool Accept(IkeSa ike, ChildSa child, Message response, bool withKe, ImmutableArray<TrafficSelector> local, ImmutableArray<TrafficSelector> remote, out string reason, out string? alert)
    {
        alert = null;
        if (response.Get<SaPayload>() is not { Proposals: [{ IsUnusable: false } answer] } || answer.Protocol != child.Protocol
            || response.Get<TsPayload>(PayloadType.TsInitiator) is not { } tsi || response.Get<TsPayload>(PayloadType.TsResponder) is not { } tsr)
        {
            reason = "the response lacks SA, TSi or TSr";
            return false;
        }
        var ours = Proposals(ike, child.Config, withKe);
        var chosen = new Proposal(answer.Protocol, answer.Transforms);
        child.Proposal = ProposalChoice.Accept(ours, chosen, out reason);
        if (child.Proposal is null)
        {
            (reason, alert) = ($"the peer chose {chosen}, which we did not offer", AlertType.ProposalMismatchChild);
            return false;
        }
        var mode = ChildNotifies.Mode(ike, response);
        if (mode != ChildMode.Tunnel && mode != child.Mode)
        {
            reason = $"{Word(mode)} mode requested by responder is unacceptable";
            return false;
        }
        ImmutableArray<TrafficSelector> theirLocal = tsi.Selectors, theirRemote = tsr.Selectors;
        if (mode == ChildMode.Transport)
            (theirLocal, theirRemote) = (ChildNotifies.BehindNat(theirLocal, ike.LocalBehindNat, ike.Local.Address), ChildNotifies.BehindNat(theirRemote, ike.RemoteBehindNat, ike.Remote.Address));
        LogBlocks(ike, theirRemote);
        // a part of what was offered; with a virtual address that came meanwhile, less of it is ours
        var isPart = theirLocal.All(t => child.LocalTs.Any(l => l.Contains(t))) && theirRemote.All(t => child.RemoteTs.Any(r => r.Contains(t)));
        child.LocalTs = TrafficSelector.Intersect(local, theirLocal);
        child.RemoteTs = TrafficSelector.Intersect(remote, theirRemote);
        if (!isPart || child.LocalTs.IsEmpty || child.RemoteTs.IsEmpty)
        {
            (reason, alert) = ($"the peer's traffic selectors {string.Join(' ', tsi.Selectors)} === {string.Join(' ', tsr.Selectors)} are not a part of ours", AlertType.TsMismatch);
            return false;
        }
        if (!ChildNotifies.Suits(ike, mode, child.LocalTs, child.RemoteTs, wasAsked: true))
        {
            reason = $"{Word(mode)} mode requested by responder is unacceptable";
            return false;
        }
        if (ChildNotifies.Accept(child, response) is { } whyNot)
        {
            reason = whyNot;
            return false;
        }
        if (mode != child.Mode) ike.Log(LogGroup.Ike, 1, $"the peer does not use {Word(child.Mode)} mode for CHILD_SA {child}, falling back to TUNNEL");
        child.Mode = mode;
        Narrowing.Note(child);
        child.SpiOut = System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(answer.Spi);
        child.KeMethod = child.Proposal.First(TransformType.KeyExchange)?.Id ?? 0;
        ike.Log(LogGroup.Cfg, 1, $"selected proposal: {child.Proposal}");
        return true;
    }

    /// <summary>The log lines and the event of a child that is up.</summary>
    public static void Established(IkeSa ike, ChildSa child)
    {
        ike.Log(LogGroup.Ike, 0, $"CHILD_SA {child} established with SPIs {child.SpiIn:x8}_i {child.SpiOut:x8}_o and TS {string.Join(' ', child.LocalTs)} === {string.Join(' ', child.RemoteTs)}");
        child.TellUp();
        if (child.Acquired is not { } acquired || acquired.IsCoveredBy(child)) return;
        // RFC 7296 2.9: the first selectors are the ones that matter. Such SAs would pile up, one for each time that the packet comes again
        ike.Log(LogGroup.Ike, 1, $"the peer narrowed CHILD_SA {child} so that it does not carry {acquired.Local} === {acquired.Remote}, closing it");
        ike.Enqueue(new Exchanges.DeleteChild(ike, child));
    }

    /// <summary>The log lines and the event of a child that took another's place.</summary>
    public static void Rekeyed(IkeSa ike, ChildSa old, ChildSa child)
    {
        ike.Log(LogGroup.Ike, 0, $"CHILD_SA {child} established with SPIs {child.SpiIn:x8}_i {child.SpiOut:x8}_o and TS {string.Join(' ', child.LocalTs)} === {string.Join(' ', child.RemoteTs)}");
        old.TellReplacedBy(child);
    }

    /// <summary>What was offered and what every child allows; if one child lacks a side only, the setting of that side.</summary>
    static void RefuseSelectors(IkeSa ike, ImmutableArray<ChildConfig> children, ImmutableArray<TrafficSelector> offeredLocal, ImmutableArray<TrafficSelector> offeredRemote)
    {
        string? change = offeredLocal.IsEmpty || offeredRemote.IsEmpty ? "the peer has to name some: with strongSwan, transport mode leaves out all but hosts" : null;
        foreach (var c in children)
            change ??= (TrafficSelector.Intersect(Local(ike, c), offeredLocal).IsEmpty, TrafficSelector.Intersect(Remote(ike, c), offeredRemote).IsEmpty) switch
            {
                (true, false) => $"'leftsubnet={string.Join(',', offeredLocal)}' in '{c.Name}' would accept it",
                (false, true) => $"'rightsubnet={string.Join(',', offeredRemote)}' in '{c.Name}' would accept it",
                _ => null,
            };
        ike.Refused(RefusalKind.Selectors, RefusedBy.Us,
            $"the peer offers {Words(offeredLocal)} === {Words(offeredRemote)}, no child of connection '{ike.Name}' allows any of that",
            ike.PeerAddressBlocks is { } held ? $"the peer's certificate holds {string.Join(' ', held)} (RFC 3779): its CA would have to add others" : change ?? "'leftsubnet=' and 'rightsubnet=' would change that",
            [.. children.Select(c => $"'{c.Name}' allows {string.Join(' ', Local(ike, c))} === {string.Join(' ', Remote(ike, c))}")]);
    }

    static string Words(ImmutableArray<TrafficSelector> selectors) => selectors.IsEmpty ? "nothing" : string.Join(' ', selectors);

    /// <summary>The peer, or our data plane, refused a CHILD_SA that we asked for: the setting to compare by the notify.</summary>
    public static void RefusedByPeer(IkeSa ike, ChildSa child, NotifyType notify)
    {
        var (kind, change) = notify switch
        {
            NotifyType.NoProposalChosen => (RefusalKind.Child, $"compare '{Keyword(child.Config)}=' on both ends; 'ipsec why' on the peer says what it allows"),
            NotifyType.TsUnacceptable => (RefusalKind.Selectors, "compare 'leftsubnet=' here with 'rightsubnet=' there, and the other way round"),
            NotifyType.NoAdditionalSas => (RefusalKind.Limit, "the peer takes no further CHILD_SA on this IKE_SA"),
            NotifyType.SinglePairRequired => (RefusalKind.Selectors, "the peer takes one pair of addresses at a time"),
            NotifyType.InternalAddressFailure or NotifyType.FailedCpRequired => (RefusalKind.Limit, "the peer gives no virtual address: compare 'leftsourceip=' with its pools"),
            _ => (RefusalKind.Message, (string?)null),
        };
        ike.Refused(kind, RefusedBy.Peer, $"the peer answered {NotifyNames.Long(notify)} to CHILD_SA '{child.Config.Name}'", change,
            $"offered: {string.Join(", ", child.Config.Proposals.Select(p => p.ToString()))}", $"offered: {string.Join(' ', child.LocalTs)} === {string.Join(' ', child.RemoteTs)}");
    }

    /// <summary>The data plane refused what was agreed.</summary>
    public static void NotInstalled(ChildSa child, string why)
    {
        var ike = child.Ike;
        ike.Log(LogGroup.Chd, 1, $"unable to install IPsec SA: {why}");
        ike.Refused(child.LacksPolicy ? AlertType.InstallChildPolicyFailed : AlertType.InstallChildSaFailed, RefusalKind.DataPlane, RefusedBy.Us,
            $"the data plane '{ike.Engine.Host.DataPlane.Name}' does not install CHILD_SA '{child.Config.Name}': {why}");
    }

    static string Word(ChildMode mode) => mode.ToString().ToUpperInvariant();

    /// <summary>The keyword of ipsec.conf that holds the child's proposals.</summary>
    static string Keyword(ChildConfig config) => config.Proposals is [{ Protocol: SecurityProtocol.Ah }, ..] ? "ah" : "esp";

    static byte[] SpiBytes(uint spi)
    {
        var bytes = new byte[4];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(bytes, spi);
        return bytes;
    }
}
