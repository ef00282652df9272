// charon.plugins.eap-radius of strongswan.conf. strongswan.conf(5).
using System.Collections.Immutable;
using System.Text;
using Cygnet.Config;
using Cygnet.Policy;

namespace Cygnet.Radius;

/// <summary>Immutable. Without servers there is no RADIUS. Defaults are those of strongSwan 5.9.8.</summary>
public sealed record RadiusSettings
{
    const string Plugin = "plugins.eap-radius";

    public ImmutableArray<RadiusServerSettings> Servers { get; init; } = [];

    /// <summary>Send EAP-Start, and let the server ask for the identity.</summary>
    public bool EapStart { get; init; }
    public string IdPrefix { get; init; } = "";
    public bool ClassGroup { get; init; }
    public bool FilterId { get; init; }
    public bool StationIdWithPort { get; init; } = true;
    public bool Accounting { get; init; }
    public TimeSpan AccountingInterval { get; init; }
    public bool AccountingCloseOnTimeout { get; init; } = true;
    public bool AccountingRequiresVip { get; init; }
    public bool AccountingSendClass { get; init; }
    public bool CloseAllOnTimeout { get; init; }
    public RadiusForward IkeToRadius { get; init; } = RadiusForward.None;
    public RadiusForward RadiusToIke { get; init; } = RadiusForward.None;
    public DaeSettings? Dae { get; init; }

    /// <summary>What was skipped or switched off, and how many servers there are: lines for the log, group CFG, level 1.</summary>
    public ImmutableArray<string> Lines { get; init; } = [];

    public static RadiusSettings Read(StrongswanSettings conf, string daemon = "charon")
    {
        var lines = new List<string>();
        string Key(string name) => $"{daemon}.{Plugin}.{name}";
        string Text(string name) => conf.Text(Key(name)) ?? "";
        bool Boolean(string name, bool otherwise = false) => conf.Boolean(Key(name), otherwise);
        var servers = ReadServers(conf, Key, lines);
        if (conf.Sections(Key("xauth")).Any()) lines.Add($"{Key("xauth")} is without effect: IKEv1 is not built yet in this version");
        return new()
        {
            Servers = servers,
            EapStart = Boolean("eap_start"),
            IdPrefix = Text("id_prefix"),
            ClassGroup = Boolean("class_group"),
            FilterId = Boolean("filter_id"),
            StationIdWithPort = Boolean("station_id_with_port", true),
            Accounting = Boolean("accounting"),
            AccountingInterval = conf.Time(Key("accounting_interval"), TimeSpan.Zero),
            AccountingCloseOnTimeout = Boolean("accounting_close_on_timeout", true),
            AccountingRequiresVip = Boolean("accounting_requires_vip"),
            AccountingSendClass = Boolean("accounting_send_class"),
            CloseAllOnTimeout = Boolean("close_all_on_timeout"),
            IkeToRadius = RadiusForward.Parse(Text("forward.ike_to_radius"), lines),
            RadiusToIke = RadiusForward.Parse(Text("forward.radius_to_ike"), lines),
            Dae = Boolean("dae.enable") ? ReadDae(conf, Key, lines) : null,
            Lines = [.. lines],
        };
    }

    static ImmutableArray<RadiusServerSettings> ReadServers(StrongswanSettings conf, Func<string, string> key, List<string> lines)
    {
        // The form with one server only is older, and goes first as in the reference.
        if (conf.Text(key("server")) is { Length: > 0 } address)
        {
            if (conf.Text(key("secret")) is { Length: > 0 } secret) return [ReadServer(conf, key, "", address, secret, address)];
            lines.Add("no RADIUS secret defined");
            return [];
        }
        var servers = ImmutableArray.CreateBuilder<RadiusServerSettings>();
        foreach (var name in conf.Sections(key("servers")))
        {
            var below = $"servers.{name}.";
            if (conf.Text(key(below + "address")) is not { Length: > 0 } at) lines.Add($"RADIUS server '{name}' misses address, skipped");
            else if (conf.Text(key(below + "secret")) is not { Length: > 0 } secret) lines.Add($"RADIUS server '{name}' misses secret, skipped");
            else servers.Add(ReadServer(conf, key, below, at, secret, name));
        }
        if (servers.Count > 0 || lines.Count > 0) lines.Add($"loaded {servers.Count} RADIUS server configuration{(servers.Count == 1 ? "" : "s")}");
        return servers.ToImmutable();
    }

    /// <summary>What a server's section does not say, the plugin's own does.</summary>
    static RadiusServerSettings ReadServer(StrongswanSettings conf, Func<string, string> key, string below, string address, string secret, string name)
    {
        var d = new RadiusServerSettings { Name = name, Address = address, Secret = Encoding.UTF8.GetBytes(secret) };
        long Number(string setting, long otherwise) => conf.Number(key(below + setting), conf.Number(key(setting), otherwise));
        double Real(string setting, double otherwise) => conf.Real(key(below + setting), conf.Real(key(setting), otherwise));
        ushort Port(string setting, long otherwise) => Number(setting, otherwise) is > 0 and <= 65535 and var port ? (ushort)port : (ushort)otherwise;
        return d with
        {
            AuthPort = Port("auth_port", Port("port", d.AuthPort)),
            AcctPort = Port("acct_port", d.AcctPort),
            NasIdentifier = (conf.Text(key(below + "nas_identifier")) ?? conf.Text(key("nas_identifier"))) is { Length: > 0 } nas ? nas : d.NasIdentifier,
            Sockets = (int)Math.Clamp(Number("sockets", d.Sockets), 1, 64),
            Preference = (int)Math.Clamp(Number("preference", 0), int.MinValue / 2, int.MaxValue / 2),
            RetransmitTries = (int)Math.Clamp(Number("retransmit_tries", d.RetransmitTries), 1, 100),
            RetransmitTimeout = Math.Clamp(Real("retransmit_timeout", d.RetransmitTimeout), 0.01, 3600),
            RetransmitBase = Math.Clamp(Real("retransmit_base", d.RetransmitBase), 1, 10),
        };
    }

    static DaeSettings? ReadDae(StrongswanSettings conf, Func<string, string> key, List<string> lines)
    {
        if (conf.Text(key("dae.secret")) is not { Length: > 0 } secret)
        {
            lines.Add("missing RADIUS DAE secret, disabled");
            return null;
        }
        var listen = conf.Text(key("dae.listen")) is { Length: > 0 } text ? text : "0.0.0.0";
        if (!Address.TryParse(listen, out var address))
        {
            lines.Add("invalid RADIUS DAE listen address");
            return null;
        }
        var clients = ImmutableArray.CreateBuilder<TrafficSelector>();
        foreach (var word in (conf.Text(key("dae.x-clients")) ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            if (TrafficSelectorText.TryParse(word, out var net, out _) && !net.IsDynamic) clients.Add(net);
            else lines.Add($"invalid RADIUS DAE client '{word}', expected an address or a subnet");
        var d = new DaeSettings { Listen = address, Secret = Encoding.UTF8.GetBytes(secret), Clients = clients.ToImmutable() };
        return conf.Number(key("dae.port"), d.Port) is > 0 and <= 65535 and var port ? d with { Port = (ushort)port } : d;
    }
}
