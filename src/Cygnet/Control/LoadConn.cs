// load-conn: from a VICI section to a Connection. docs/vici.md; keys: swanctl.conf(5).
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Cygnet.Crypto;
using Cygnet.Policy;

namespace Cygnet.Control;

/// <summary>Reads and validates the section of a connection; nothing of it counts if one key is wrong, or known and not built yet.</summary>
public static class LoadConn
{
    /// <summary>
    /// On failure <paramref name="errmsg"/> is the reply's errmsg: the reference's words, or which key is not built yet. With <paramref name="alike"/> what
    /// earlier ones said the same way is not read again.
    /// </summary>
    public static bool TryParse(string name, ViciSection section, [NotNullWhen(true)] out Connection? connection, [NotNullWhen(false)] out string? errmsg, LoadedAlike? alike = null)
    {
        try
        {
            connection = Read(name, section, alike);
            errmsg = null;
            return true;
        }
        catch (LoadRefused refused)
        {
            connection = null;
            errmsg = refused.Message;
            return false;
        }
    }

    static Connection Read(string name, ViciSection section, LoadedAlike? alike)
    {
        var said = alike is null ? [] : LoadedAlike.Said(section, stackalloc byte[LoadedAlike.MaxBytes]);
        var known = alike?.Connections.Find(said);
        var c = known ?? new Connection { Name = name };
        var proposals = ImmutableArray.CreateBuilder<Proposal>();
        var children = ImmutableArray.CreateBuilder<ChildConfig>();
        List<(uint Round, AuthRound Auth)> local = [], remote = [];
        List<string> localAddrs = [], remoteAddrs = [], pools = [];
        List<Address> vips = [];
        ImmutableArray<Address>? requestedDns = null, dns = null;
        TimeSpan? rekey = null, reauth = null, over = null, rand = null;
        foreach (var element in section.Elements)
        {
            if (element is ViciSection inner)
            {
                if (inner.Name.Equals("children", StringComparison.OrdinalIgnoreCase)) children.AddRange(inner.Sections.Select(child => LoadChild.Read(child, alike)));
                else if (inner.Name.StartsWith("local", StringComparison.OrdinalIgnoreCase)) local.Add(LoadAuth.Read(inner, isRemote: false));
                else if (inner.Name.StartsWith("remote", StringComparison.OrdinalIgnoreCase)) remote.Add(LoadAuth.Read(inner, isRemote: true));
                else throw new LoadRefused($"invalid section: {inner.Name}");
                continue;
            }
            if (element is ViciList list)
            {
                var items = new LoadValue(list);
                switch (list.Name)
                {
                    case "local_addrs": items.AddAddresses(localAddrs); break;
                    case "remote_addrs": items.AddAddresses(remoteAddrs); break;
                    case "proposals": items.AddProposals(SecurityProtocol.Ike, proposals, alike); break;
                    case "vips": vips.AddRange(items.Ips()); break;
                    case "pools": pools.AddRange(items.Names()); break;
                    case "x-request_dns": requestedDns = items.Ips(); break;
                    case "x-dns": dns = items.Ips(); break;
                    default: throw items.Unknown();
                }
                continue;
            }
            var v = new LoadValue((ViciValue)element);
            switch (v.Key)
            {
                case "rekey_time": rekey = v.Time(); break;
                case "reauth_time": reauth = v.Time(); break;
                case "over_time": over = v.Time(); break;
                case "rand_time": rand = v.Time(); break;
                default: if (known is null) c = Option(c, v); break;
            }
        }
        if (known is null) alike?.Connections.Keep(said, c);
        // Whoever says when to reauthenticate, be it never, says too that nothing is rekeyed.
        rekey ??= reauth is null ? TimeSpan.FromHours(4) : TimeSpan.Zero;
        reauth ??= TimeSpan.Zero;
        over ??= TimeSpan.FromSeconds(Math.Floor(Longer(rekey.Value, reauth.Value).TotalSeconds / 10));
        rand ??= Shorter(over.Value, TimeSpan.FromSeconds(Math.Floor(ShorterNonZero(rekey.Value, reauth.Value).TotalSeconds / 2)));
        return c with
        {
            Name = name, Vips = [.. vips], Pools = [.. pools], RequestedDns = requestedDns ?? c.RequestedDns, Dns = dns ?? c.Dns,
            LocalAddrs = localAddrs.Count > 0 ? [.. localAddrs] : ["%any"], RemoteAddrs = remoteAddrs.Count > 0 ? [.. remoteAddrs] : ["%any"],
            Local = Rounds(local), Remote = Rounds(remote),
            Children = [.. children.Select(k => k with
            {
                IfIdIn = k.IfIdIn == 0 ? c.IfIdIn : k.IfIdIn, InheritsIfIdIn = k.IfIdIn == 0 && c.IfIdIn != 0,
                IfIdOut = k.IfIdOut == 0 ? c.IfIdOut : k.IfIdOut, InheritsIfIdOut = k.IfIdOut == 0 && c.IfIdOut != 0,
            })],
            Proposals = proposals.Count > 0 ? proposals.ToImmutable() : ProposalText.Defaults(SecurityProtocol.Ike),
            RekeyTime = rekey.Value, ReauthTime = reauth.Value, OverTime = over.Value, RandTime = rand.Value,
        };
    }

    static Connection Option(Connection c, LoadValue v) => v.Key switch
    {
        "version" => c with { Version = v.Number(2) is var n and not 1 ? (IkeVersion)n : throw v.NeedsIkev1() },
        "local_port" => c with { LocalPort = (ushort)v.Built(v.Number(65535), n => n is 500 or 4500) },
        "remote_port" => c with { RemotePort = (ushort)v.Number(65535) },
        "aggressive" => v.Boolean() ? throw v.NeedsIkev1() : c,
        "pull" => v.Boolean() ? c : throw v.NeedsIkev1(),
        "dscp" => c with { Dscp = v.BinaryDigits() },
        "encap" => c with { ForceEncaps = v.Boolean() },
        "mobike" => c with { Mobike = v.Boolean() },
        "dpd_delay" => c with { DpdDelay = v.Time() },
        "dpd_timeout" => c with { DpdTimeout = v.Time() },
        "fragmentation" => c with { Fragmentation = v.OneOf(("yes", FragmentationPolicy.Yes), ("accept", FragmentationPolicy.Accept), ("force", FragmentationPolicy.Force), ("no", FragmentationPolicy.No)) },
        "childless" => c with { Childless = v.OneOf(("allow", ChildlessPolicy.Allow), ("never", ChildlessPolicy.Never), ("prefer", ChildlessPolicy.Prefer), ("force", ChildlessPolicy.Force)) },
        "send_certreq" => c with { SendCertReq = v.Boolean() },
        "send_cert" => c with { SendCert = v.OneOf(("ifasked", CertPolicy.IfAsked), ("always", CertPolicy.Always), ("never", CertPolicy.Never)) },
        "ocsp" => c with { Ocsp = v.OneOf(("reply", OcspPolicy.Reply), ("never", OcspPolicy.Never), ("request", OcspPolicy.Request), ("both", OcspPolicy.Both)) },
        "ppk_id" => c with { PpkId = v.Text },
        "ppk_required" => c with { PpkRequired = v.Boolean() },
        "mediation" => v.Boolean() ? throw v.NotBuilt() : c,
        "mediated_by" or "mediation_peer" => v.Text.Length == 0 ? c : throw v.NotBuilt(),
        "keyingtries" => c with { KeyingTries = (int)Math.Min(v.Number(uint.MaxValue), int.MaxValue) },
        "unique" => c with { Unique = v.OneOf(("no", UniquePolicy.No), ("never", UniquePolicy.Never), ("keep", UniquePolicy.Keep), ("replace", UniquePolicy.Replace)) },
        "if_id_in" => c with { IfIdIn = v.IfId() },
        "if_id_out" => c with { IfIdOut = v.IfId() },
        "x-resume" => c with { Resumes = v.Boolean() },
        "x-source" => c with { Source = v.Text },
        _ => throw v.Unknown(),
    };

    // No round at all accepts anything. More than one is RFC 4739: in the order of their numbers, else of the sections.
    static ImmutableArray<AuthRound> Rounds(List<(uint Round, AuthRound Auth)> rounds) =>
        rounds.Count == 0 ? [new() { Class = AuthClass.Any }] : [.. rounds.OrderBy(r => r.Round).Select(r => r.Auth)];

    static TimeSpan Longer(TimeSpan a, TimeSpan b) => a > b ? a : b;

    static TimeSpan Shorter(TimeSpan a, TimeSpan b) => a < b ? a : b;

    static TimeSpan ShorterNonZero(TimeSpan a, TimeSpan b) => a == TimeSpan.Zero ? b : b == TimeSpan.Zero ? a : Shorter(a, b);
}
