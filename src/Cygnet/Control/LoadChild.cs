// load-conn: one child. swanctl.conf(5).
using System.Collections.Immutable;
using Cygnet.Crypto;
using Cygnet.Policy;

namespace Cygnet.Control;

static class LoadChild
{
    public static ChildConfig Read(ViciSection section, LoadedAlike? alike)
    {
        var said = alike is null ? [] : LoadedAlike.Said(section, stackalloc byte[LoadedAlike.MaxBytes]);
        var known = alike?.Children.Find(said);
        var c = known ?? new ChildConfig { Name = section.Name };
        var proposals = ImmutableArray.CreateBuilder<Proposal>();
        ImmutableArray<TrafficSelector>.Builder localTs = ImmutableArray.CreateBuilder<TrafficSelector>(), remoteTs = ImmutableArray.CreateBuilder<TrafficSelector>();
        TimeSpan? rekey = null, life = null, rand = null;
        ulong? rekeyBytes = null, lifeBytes = null, randBytes = null, rekeyPackets = null, lifePackets = null, randPackets = null;
        foreach (var element in section.Elements)
        {
            if (element is ViciSection inner) throw new LoadRefused($"invalid section: {inner.Name}");
            if (element is ViciList list)
            {
                var items = new LoadValue(list);
                switch (list.Name)
                {
                    case "esp_proposals": items.AddProposals(SecurityProtocol.Esp, proposals, alike); break;
                    case "ah_proposals": items.AddProposals(SecurityProtocol.Ah, proposals, alike); break;
                    case "local_ts": items.AddSelectors(localTs); break;
                    case "remote_ts": items.AddSelectors(remoteTs); break;
                    default: throw items.Unknown();
                }
                continue;
            }
            var v = new LoadValue((ViciValue)element);
            switch (v.Key)
            {
                case "rekey_time": rekey = v.Time(); break;
                case "life_time": life = v.Time(); break;
                case "rand_time": rand = v.Time(); break;
                case "rekey_bytes": rekeyBytes = v.Bytes(); break;
                case "life_bytes": lifeBytes = v.Bytes(); break;
                case "rand_bytes": randBytes = v.Bytes(); break;
                case "rekey_packets": rekeyPackets = v.Count(); break;
                case "life_packets": lifePackets = v.Count(); break;
                case "rand_packets": randPackets = v.Count(); break;
                default: if (known is null) c = Option(c, v); break;
            }
        }
        if (known is null) alike?.Children.Keep(said, c);
        if (proposals.Select(p => p.Protocol).Distinct().Count() > 1)
            throw new LoadRefused($"child '{section.Name}' has both 'ah_proposals' and 'esp_proposals', it can have one of them only, config discarded");
        var time = Limits(Seconds(rekey), Seconds(life), Seconds(rand), otherwise: 3600);
        var bytes = Limits(rekeyBytes, lifeBytes, randBytes, otherwise: 0);
        var packets = Limits(rekeyPackets, lifePackets, randPackets, otherwise: 0);
        return c with
        {
            Name = section.Name,
            LocalTs = localTs.Count > 0 ? localTs.ToImmutable() : [TrafficSelector.Dynamic],
            RemoteTs = remoteTs.Count > 0 ? remoteTs.ToImmutable() : [TrafficSelector.Dynamic],
            Proposals = proposals.Count > 0 ? proposals.ToImmutable() : [.. ProposalText.Defaults(SecurityProtocol.Esp).Reverse()],
            Lifetimes = new(TimeSpan.FromSeconds(time.Rekey), TimeSpan.FromSeconds(time.Life), TimeSpan.FromSeconds(time.Rand))
            {
                RekeyBytes = bytes.Rekey, LifeBytes = bytes.Life, RandBytes = bytes.Rand,
                RekeyPackets = packets.Rekey, LifePackets = packets.Life, RandPackets = packets.Rand,
            },
        };
    }

    static ChildConfig Option(ChildConfig c, LoadValue v) => v.Key switch
    {
        "updown" => c with { Updown = v.Text.Length == 0 ? null : v.Text },
        "hostaccess" => c with { HostAccess = v.Boolean() },
        "mode" => c with
        {
            Mode = v.Built(v.OneOf<ChildMode?>(("tunnel", ChildMode.Tunnel), ("transport", ChildMode.Transport), ("transport_proxy", ChildMode.TransportProxy), ("iptfs", null),
                ("beet", ChildMode.Beet), ("pass", ChildMode.Pass), ("drop", ChildMode.Drop)), m => m is not (null or ChildMode.TransportProxy))!.Value,
        },
        "policies" => c with { InstallsPolicy = v.Boolean() },
        "dpd_action" => c with { DpdAction = v.Action() },
        "start_action" => c with { StartAction = v.Action() },
        "close_action" => c with { CloseAction = v.Action() },
        "inactivity" => c with { Inactivity = v.Time() },
        "reqid" => c with { Reqid = (uint)v.Number(uint.MaxValue) },
        "replay_window" => c with { ReplayWindow = (int)v.Number(int.MaxValue) },
        "sha256_96" => c with { Sha256_96 = v.Boolean() },
        "ipcomp" => c with { IpComp = v.Boolean() },
        "policies_fwd_out" or "icmp" => v.Ignore(c, v.Built(v.Boolean(), b => !b)),
        "copy_df" => c with { CopyDf = v.Boolean() },
        "copy_ecn" => c with { CopyEcn = v.Boolean() },
        "copy_dscp" => c with { CopyDscp = v.OneOf(("out", DscpCopy.Out), ("in", DscpCopy.In), ("yes", DscpCopy.Both), ("no", DscpCopy.No)) },
        "priority" => c with { Priority = (uint)v.Number(uint.MaxValue) },
        "interface" => c with { Interface = v.Text },
        "if_id_in" => c with { IfIdIn = v.IfId() },
        "if_id_out" => c with { IfIdOut = v.IfId() },
        "mark_in" => c with { MarkIn = v.Mark() },
        "mark_out" => c with { MarkOut = v.Mark() },
        "mark_in_sa" => c with { MarkInSa = v.Boolean() },
        "set_mark_in" => c with { SetMarkIn = v.Mark(isSet: true) },
        "set_mark_out" => c with { SetMarkOut = v.Mark(isSet: true) },
        "tfc_padding" => c with { TfcPadding = v.Text.Equals("mtu", StringComparison.OrdinalIgnoreCase) ? -1 : (int)v.Number(ushort.MaxValue) },
        "hw_offload" => v.OneOf(("no", true), ("auto", true), ("yes", false), ("crypto", false), ("packet", false)) ? c : throw v.NotCarried("no data plane of this version hands packets to a network card; 'no' or 'auto' would do"),
        "per_cpu_sas" => v.Text == "encap" ? throw v.NotBuilt() : v.Ignore(c, v.Built(v.Boolean(), b => !b)),
        "label_mode" => v.Ignore(c, v.Built(v.OneOf(("system", 0), ("simple", 1), ("selinux", 1)), n => n == 0)),
        "label" => throw (v.Text.Length == 0 ? v.Invalid() : v.NotBuilt()),
        _ => throw v.Unknown(),
    };

    static ulong? Seconds(TimeSpan? time) => time is { } t ? (ulong)t.TotalSeconds : null;

    // Whatever is left out follows from the others: soft from hard by 1.1, hard from soft, jitter from both.
    static (ulong Rekey, ulong Life, ulong Rand) Limits(ulong? rekey, ulong? life, ulong? rand, ulong otherwise)
    {
        var soft = rekey ?? (life is { } l ? (ulong)((UInt128)l * 10 / 11) : otherwise);
        var hard = life ?? (ulong)UInt128.Min((UInt128)soft * 11 / 10, ulong.MaxValue);
        return (soft, hard, rand ?? (hard > soft ? hard - soft : 0));
    }
}
