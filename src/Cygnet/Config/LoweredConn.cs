// One conn of ipsec.conf as a load-conn section: the IKE settings and the child. swanctl.conf(5).
using System.Collections.Immutable;
using Cygnet.Control;
using Cygnet.Crypto;
using Cygnet.Policy;

namespace Cygnet.Config;

sealed partial class LoweredConn
{
    readonly ConfChecked _conn;
    readonly IFileSource _files;
    readonly IpsecDirectories _directories;
    readonly LoadPlan _plan;
    ImmutableArray<string> _left, _right;

    /// <param name="writer">Room to work in.</param>
    public LoweredConn(ConfChecked conn, ConfChecked setup, IFileSource files, IpsecDirectories directories, Func<string, bool>? isLocalAddress, LoadPlan plan, ViciWriter writer)
    {
        (_conn, _files, _directories, _plan) = (conn, files, directories, plan);
        var (local, remote) = Sides(isLocalAddress);
        writer.Clear();
        var apart = LowerIke(writer, setup, local, remote);
        (Ike, Failure) = (writer.Written.ToArray(), writer.Failure);
        IkeDigest = ConnDigest.Of([.. Ike.AsSpan(..apart.Start), .. Ike.AsSpan(apart.End..)]);
        writer.Clear();
        LowerChild(writer.Begin(conn.Name), local, remote);
        Failure ??= writer.Failure;
        Child = new(conn.Name, Failure is null ? writer.Written[(2 + conn.Name.Length)..].ToArray() : []);
    }

    /// <summary>Everything but the children, encoded; equal for conns that share a connection, but for the time-out of IKEv1.</summary>
    public byte[] Ike { get; }

    /// <summary>What does not differ between conns that share a connection, as one word.</summary>
    public string IkeDigest { get; }

    public ViciEncoded Child { get; }

    /// <summary>Something is wrong with it that only showed here; the plan has the complaint.</summary>
    public bool IsRefused { get; private set; }

    /// <summary>Why the protocol cannot carry it; null: it can.</summary>
    public string? Failure { get; }

    // right is looked at first; left is the local end unless right is.
    (string Local, string Remote) Sides(Func<string, bool>? isLocalAddress)
    {
        if (isLocalAddress is null) return ("left", "right");
        bool IsLocal(string side) => Hosts(side).Any(h => !h.StartsWith('%') && !Identity.Parse(h).HasWildcards && isLocalAddress(h));
        if (IsLocal("right")) return ("right", "left");
        if (!IsLocal("left") && !Hosts("left").Any(h => h.StartsWith("%any", StringComparison.Ordinal)))
            _plan.LogList.Add("left nor right host is our side, assuming left=local");
        return ("left", "right");
    }

    ImmutableArray<string> Hosts(string side) => side == "left" ? _left.IsDefault ? _left = WordsOf(side) : _left : _right.IsDefault ? _right = WordsOf(side) : _right;

    // The words of left=, with the synonyms of %any resolved and the % of an address that may change taken off.
    ImmutableArray<string> WordsOf(string side)
    {
        if (_conn.Text(side) is { Length: > 0 } one && !one.AsSpan().ContainsAnyExceptInRange('!', '~') && one.AsSpan().IndexOfAny(',', '%') < 0) return [one];
        var hosts = ImmutableArray.CreateBuilder<string>();
        foreach (var word in Split(_conn.Text(side)))
            hosts.Add(word == "%defaultroute" ? "%any" : word.StartsWith('%') && !word.StartsWith("%any", StringComparison.Ordinal) ? word[1..] : word);
        return hosts.Count == 0 ? ["%any"] : hosts.ToImmutable();
    }

    bool AllowsAny(string side) => _conn.Yes(side, "allowany", false)
        || _conn.Text(side)?.Contains('%') == true && Split(_conn.Text(side)).Any(w => w.StartsWith('%') && !w.StartsWith("%any", StringComparison.Ordinal) && w != "%defaultroute");

    /// <summary>Returns where that stands which does not keep conns apart: the time-out is for IKEv1 alone.</summary>
    (int Start, int End) LowerIke(ViciWriter section, ConfChecked setup, string local, string remote)
    {
        var margin = _conn.Seconds("margintime", 540);
        var life = _conn.Seconds("ikelifetime", 10800);
        var rekeys = _conn.Yes("rekey", true);
        var soft = rekeys ? Math.Max(0, life - margin) : 0;
        var reauth = _conn.Yes("reauth", true);
        var dpd = (_conn.Text("dpdaction") ?? "none") != "none";
        section.Add("version", _conn.Text("keyexchange") == "ikev2" ? 2 : 0)
            .AddList("local_addrs", Addresses(local))
            .AddList("remote_addrs", Addresses(remote))
            .Add("local_port", _conn.Number(local, "ikeport", 500))
            .Add("remote_port", _conn.Number(remote, "ikeport", 500))
            .AddList("proposals", Proposals("ike", SecurityProtocol.Ike))
            .Add("dscp", _conn.Text("ikedscp") ?? "000000")
            .Add("encap", _conn.Yes("forceencaps", false))
            .Add("mobike", _conn.Yes("mobike", true))
            .Add("dpd_delay", dpd ? _conn.Seconds("dpddelay", 30) : 0);
        var start = section.Length;
        section.Add("dpd_timeout", dpd ? _conn.Seconds("dpdtimeout", 150) : 0);
        var end = section.Length;
        section.Add("fragmentation", _conn.Text("fragmentation") ?? "yes")
            .Add("send_certreq", _conn.Text(remote, "sendcert") is not ("never" or "no"))
            .Add("send_cert", _conn.Text(local, "sendcert") switch { "always" or "yes" => "always", "never" or "no" => "never", _ => "ifasked" })
            .Add("keyingtries", _conn.Text("keyingtries") == "%forever" ? 0 : _conn.Number("keyingtries", 3))
            .Add("unique", setup.Text("uniqueids") switch { "no" => "no", "keep" => "keep", "never" => "never", _ => "replace" })
            .Add("reauth_time", reauth ? soft : 0)
            .Add("rekey_time", reauth ? 0 : soft)
            .Add("over_time", rekeys ? margin : 0)
            .Add("rand_time", rekeys ? Fuzz(margin) : 0)
            .Add("x-source", Lowering.Source);
        if (_conn.Text("x-resume") is not null) section.Add("x-resume", _conn.Yes("x-resume", false));
        Virtual(section, local, remote);
        Model(section, ModelKeywords.OfConnection);
        var strict = setup.Text("strictcrlpolicy");
        Auth(section.Begin("local"), local, remote, "", isRemote: false, strict);
        if (_conn.Text(local, "auth2") is not null) Auth(section.Begin("local2"), local, remote, "2", isRemote: false, strict);
        else Spare(local);
        Auth(section.Begin("remote"), remote, local, "", isRemote: true, strict);
        if (_conn.Text(remote, "auth2") is not null) Auth(section.Begin("remote2"), remote, local, "2", isRemote: true, strict);
        else Spare(remote);
        return (start, end);
    }

    void LowerChild(ViciWriter section, string local, string remote)
    {
        var rekeys = _conn.Yes("rekey", true);
        // both are accepted, and AH is used, as in the reference
        var esp = Proposals("esp", SecurityProtocol.Esp);
        if (_conn.Text("ah") is null) section.AddList("esp_proposals", esp);
        else section.AddList("ah_proposals", Proposals("ah", SecurityProtocol.Ah));
        section.AddList("local_ts", Selectors(local))
            .AddList("remote_ts", Selectors(remote));
        Limits(section, "rekey_time", "life_time", "rand_time", _conn.Seconds("lifetime", 3600), _conn.Seconds("margintime", 540), rekeys);
        Limits(section, "rekey_bytes", "life_bytes", "rand_bytes", _conn.Number("lifebytes", 0), _conn.Number("marginbytes", 0), rekeys);
        Limits(section, "rekey_packets", "life_packets", "rand_packets", _conn.Number("lifepackets", 0), _conn.Number("marginpackets", 0), rekeys);
        var usesVips = _conn.Text(local, "sourceip") is not null || _conn.Text(remote, "sourceip") is not null;
        section.Add("mode", _conn.Text("type") switch { "passthrough" or "pass" => "pass", "drop" or "reject" => "drop", var type => usesVips ? "tunnel" : type ?? "tunnel" })
            .Add("policies", _conn.Yes("installpolicy", true))
            .Add("dpd_action", Action("dpdaction"))
            .Add("start_action", "none")
            .Add("close_action", Action("closeaction"))
            .Add("updown", _conn.Yes(local, "firewall", false) ? "ipsec _updown iptables" : _conn.Text(local, "updown"))
            .Add("hostaccess", _conn.Yes(local, "hostaccess", false) ? "yes" : null)
            .Add("inactivity", _conn.Seconds("inactivity", 0))
            .Add("reqid", _conn.Number("reqid", 0));
        if (_conn.Yes("compress", false)) section.Add("ipcomp", true);
        if (_conn.Text("tfc") is { } tfc) section.Add("tfc_padding", tfc == "%mtu" ? "mtu" : tfc.Trim());
        var mark = _conn.Text("mark");
        section.Add("mark_in", _conn.Text("mark_in") ?? mark).Add("mark_out", _conn.Text("mark_out") ?? mark);
        Model(section, ModelKeywords.OfChild);
        if (_conn.Number("replay_window", -1) is >= 0 and var window) section.Add("replay_window", window);
        if (_conn.Yes("sha256_96", false)) section.Add("sha256_96", true);
    }

    void Model(ViciWriter section, ImmutableArray<string> keys)
    {
        foreach (var key in keys)
            section.Add(key, _conn.Text(ModelKeywords.Prefix, key));
    }

    string Action(string keyword) => _conn.Text(keyword) switch { "hold" => "trap", "restart" => "start", _ => "none" };

    // Sent in full, zeros too: the daemon would derive what is left out.
    void Limits(ViciWriter section, string rekeyKey, string lifeKey, string randKey, long life, long margin, bool rekeys)
    {
        var soft = rekeys && life > 0 ? Math.Max(0, life - margin) : 0;
        section.Add(rekeyKey, soft).Add(lifeKey, rekeys ? life : 0).Add(randKey, soft > 0 ? Fuzz(margin) : 0);
    }

    long Fuzz(long margin) => (long)UInt128.Min((UInt128)margin * (UInt128)_conn.Number("rekeyfuzz", 100) / 100, uint.MaxValue);

    IEnumerable<string> Addresses(string side) => AllowsAny(side) ? [.. Hosts(side), "0.0.0.0/0", "::/0"] : Hosts(side);

    List<string> Proposals(string keyword, SecurityProtocol protocol)
    {
        var text = _conn.Text(keyword) ?? "";
        // Thousands of conns share a few proposals.
        if (_plan.Proposals.TryGetValue((protocol, text), out var known)) return known;
        if (ProposalText.TryParse(protocol, text, out var proposals, out var error)) return _plan.Proposals[(protocol, text)] = [.. proposals.Select(ProposalText.Keywords)];
        var place = _conn.Place(keyword);
        var offset = text.IndexOf(error.Word, StringComparison.Ordinal);
        if (offset > 0) place = place with { Column = place.Column + offset };
        var detail = error.IsNotBuilt ? $"{_conn.Section.Title}: '{error.Word}' in '{keyword}=' is not built yet in this version; remove it"
            : error.IsIncomplete ? $"'{error.Proposal}': {error.Reason}"
            : ConfigError.Expected(error.Word, error.Expected, ProposalText.Nearest(error.Word));
        Refuse(error.IsNotBuilt ? "" : string.Join('\n', error.Lines), place, detail);
        return [];
    }

    List<string> Selectors(string side)
    {
        var narrow = _conn.Text(side, "protoport") is { } protoport ? $"[{protoport}]" : "";
        var all = new List<string>();
        foreach (var word in Split(_conn.Text(side, "subnet")))
        {
            var text = word.Contains('[') ? word : word + narrow;
            if (TrafficSelectorText.TryParse(text, out _, out var reason)) all.Add(text);
            else
            {
                var skipped = reason.StartsWith("invalid subnet", StringComparison.Ordinal) ? "skipped" : "skipped subnet";
                _plan.ErrorList.Add(new($"{reason}, {skipped}", _conn.Place($"{side}subnet"),
                    ConfigError.Expected(word, "an address or <network>/<bits>, with [<proto>/<port>] behind it if need be")) { IsWarning = true });
            }
        }
        return all.Count == 0 ? ["dynamic" + narrow] : all;
    }

    void Refuse(string reference, Position at, string detail)
    {
        IsRefused = true;
        _plan.ErrorList.Add(new(reference, at, detail));
    }

    static string[] Split(string? list) => list is null ? [] : list.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
}
