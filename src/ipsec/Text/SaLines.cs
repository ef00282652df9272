// The lines of IKE_SAs and CHILD_SAs in status and statusall, from list-sa events. ipsec(8).
using System.Text;
using Cygnet.Control;

namespace Cygnet.Command.Text;

/// <summary>Writes SAs; <paramref name="all"/> adds what only statusall shows.</summary>
sealed class SaLines(TextWriter to, bool all)
{
    /// <summary>Classes of our authentication rounds by connection name, joined by +, for the reauthentication words.</summary>
    public required Func<string, string> LocalAuth { get; init; }

    public void Ike(ViciSection sa)
    {
        var head = $"{sa.Name,12}[{sa.Text("uniqueid")}]: ";
        var state = sa.Text("state");
        var since = state == "ESTABLISHED" && sa.Has("established") ? $" {Delta.Of(sa.Number("established"))} ago" : "";
        to.Write($"{head}{state}{since}, {End(sa, "local")}...{End(sa, "remote")}\n");
        if (!all) return;
        var version = sa.Text("version");
        if (sa.Utf8("remote-eap-id") is { } eap) to.Write($"{head}Remote EAP identity: {eap}\n");
        if (sa.Utf8("remote-xauth-id") is { } xauth) to.Write($"{head}Remote XAuth identity: {xauth}\n");
        var ours = sa.Boolean("initiator");
        to.Write($"{head}IKEv{version} SPIs: {sa.Text("initiator-spi")}_i{(ours ? "*" : "")} {sa.Text("responder-spi")}_r{(ours ? "" : "*")}");
        if (state == "ESTABLISHED") to.Write(Renewal(sa));
        to.Write('\n');
        if (sa.Has("encr-alg"))
            to.Write($"{head}IKE proposal: {Algorithms(sa, "prf-alg", "dh-group")}\n");
        foreach (var kind in (string[])["queued", "active", "passive"])
            if (sa.List($"tasks-{kind}") is { Count: > 0 } tasks) to.Write($"{head}Tasks {kind}: {string.Concat(tasks.Select(t => t + " "))}\n");
    }

    public void Child(ViciSection sa)
    {
        var name = sa.Text("name");
        var head = $"{name,12}{{{sa.Text("uniqueid")}}}:";
        var state = sa.Text("state");
        to.Write($"{head}  {state}, {sa.Text("mode")}, reqid {sa.Text("reqid")}");
        if (state == "INSTALLED")
        {
            to.Write($", {sa.Text("protocol")}{(sa.Boolean("encap") ? " in UDP" : "")} SPIs: {sa.Text("spi-in")}_i {sa.Text("spi-out")}_o");
            if (sa.Has("cpi-in")) to.Write($", IPCOMP CPIs: {sa.Text("cpi-in")}_i {sa.Text("cpi-out")}_o");
            if (all)
            {
                var rekey = !sa.Has("rekey-time") ? "disabled" : sa.Number("rekey-time") < 0 ? "active" : $"in {Delta.Of(sa.Number("rekey-time"))}";
                to.Write($"\n{head}  {Algorithms(sa, "dh-group")}{(sa.Has("esn") ? "/ESN" : "")}, {Traffic(sa, "in", 'i')}, {Traffic(sa, "out", 'o')}, rekeying {rekey}");
            }
        }
        else if (state is "REKEYING" or "REKEYED" && sa.Has("life-time"))
        {
            to.Write($", expires in {Delta.Of(sa.Number("life-time"))}");
        }
        to.Write($"\n{head}   {Selectors(sa)}\n");
    }

    /// <summary>Both lists of traffic selectors, <c>a b === c</c>.</summary>
    public static string Selectors(ViciSection s) => $"{string.Join(' ', s.List("local-ts"))} === {string.Join(' ', s.List("remote-ts"))}";

    static string End(ViciSection sa, string side) => $"{sa.Text($"{side}-host")}[{sa.Utf8($"{side}-id")}]";

    string Renewal(ViciSection sa)
    {
        var text = new StringBuilder();
        if (sa.Has("rekey-time")) text.Append($", rekeying in {Delta.Of(sa.Number("rekey-time"))}");
        if (sa.Has("reauth-time"))
        {
            var rounds = LocalAuth(sa.Name);
            text.Append($", {rounds}{(rounds == "" ? "" : " ")}reauthentication in {Delta.Of(sa.Number("reauth-time"))}");
        }
        return text.Length == 0 ? ", rekeying disabled" : text.ToString();
    }

    static string Algorithms(ViciSection sa, params ReadOnlySpan<string> more)
    {
        var words = new List<string>();
        foreach (var kind in (string[])["encr", "integ"])
            if (sa.Text($"{kind}-alg") is { } name) words.Add(sa.Text($"{kind}-keysize") is { } bits ? $"{name}_{bits}" : name);
        foreach (var key in more)
            if (sa.Text(key) is { } name) words.Add(name);
        for (var n = 1; n <= 7; n++)
            if (sa.Text($"ake{n}") is { } name) words.Add($"KE{n}_{name}");
        return string.Join('/', words);
    }

    static string Traffic(ViciSection sa, string direction, char suffix)
    {
        var packets = sa.Number($"packets-{direction}");
        var used = sa.Has($"use-{direction}") ? $" ({packets} pkt{(packets == 1 ? "" : "s")}, {sa.Number($"use-{direction}")}s ago)" : "";
        return $"{sa.Number($"bytes-{direction}")} bytes_{suffix}{used}";
    }
}
