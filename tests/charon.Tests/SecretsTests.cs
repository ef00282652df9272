// Secrets that one client replaces as a whole, beside those of VICI's usual clients.
using Cygnet.Control;

namespace Cygnet.Charon.Tests;

public sealed class SecretsTests
{
    const string Source = "ipsec.secrets";

    static ViciSection Secret(string id, string value, string? source = Source)
    {
        var m = new ViciSection().Add("id", id).Add("type", "ike").Add("data", value).AddList("owners", ["@moon"]);
        return source is null ? m : m.Add("x-source", source).Add("x-path", "@moon");
    }

    static ViciSection Of(string source) => new ViciSection().Add("x-source", source);

    static ViciSection Clear => Of(Source).Add("file", "/etc/ipsec.secrets").Add("anew", "yes").AddList("lines", ["  loading private key from '/x' failed"]);

    static async Task<string> Values(ControlSocket control, TestClient client)
    {
        await client.Request("get-shared");
        return string.Join(' ', control.Daemon.Store.Current.Credentials.Secrets.Select(s => $"{s.Id}={System.Text.Encoding.ASCII.GetString(s.Value)}"));
    }

    [Fact]
    public async Task They_are_replaced_at_once_or_not_at_all()
    {
        await using var control = new ControlSocket();
        using var client = control.Connect();
        await client.Request("load-shared", Secret("vici", "v", null));
        foreach (var (id, value) in new[] { ("1", "a"), ("2", "b") }) await client.Request("load-shared", Secret(id, value));
        await client.Request("x-begin");
        await client.Request("x-clear-secrets", Clear);
        await client.Request("load-shared", Secret("1", "new"));
        Assert.Equal("vici=v 1=a 2=b", await Values(control, client));
        await client.Request("load-shared", new ViciSection().Add("type", "nonsense").Add("data", "x"));
        Assert.Equal("no", (await client.Request("x-commit")).Text("success"));
        Assert.Equal("vici=v 1=a 2=b", await Values(control, client));

        await client.Request("x-begin");
        await client.Request("x-clear-secrets", Clear);
        await client.Request("load-shared", Secret("1", "new"));
        Assert.Equal("yes", (await client.Request("x-commit")).Text("success"));
        Assert.Equal("vici=v 1=new", await Values(control, client));
        Assert.Equal(["rereading secrets", "loading secrets from '/etc/ipsec.secrets'", "  loading private key from '/x' failed", "  loaded IKE secret for @moon"], control.Daemon.Lines.TakeLast(4));
    }

    [Fact]
    public async Task Each_source_sees_and_removes_its_own()
    {
        await using var control = new ControlSocket();
        using var client = control.Connect();
        await client.Request("load-shared", Secret("same", "v", null));
        await client.Request("load-shared", Secret("same", "f"));
        Assert.Equal(["same"], (await client.Request("get-shared")).List("keys"));
        Assert.False((await client.Request("get-shared")).Has("x-readings"));
        await client.Request("unload-shared", new ViciSection().Add("id", "same"));
        Assert.Equal("same=f", await Values(control, client));
        Assert.Empty((await client.Request("get-shared")).List("keys"));
        Assert.Equal(["same"], (await client.Request("get-shared", Of(Source))).List("keys"));
        await client.Request("clear-creds");
        Assert.Equal("same=f", await Values(control, client));
        Assert.Equal("0", (await client.Request("get-shared", Of(Source))).Text("x-readings"));
        Assert.Equal("no", (await client.Request("x-clear-secrets")).Text("success"));
        await client.Request("x-clear-secrets", Clear);
        Assert.Equal("1", (await client.Request("get-shared", Of(Source))).Text("x-readings"));
        Assert.Equal("", await Values(control, client));
    }

    [Fact]
    public async Task Keys_are_kept_apart_as_well()
    {
        await using var control = new ControlSocket();
        using var client = control.Connect();
        using var ec = System.Security.Cryptography.ECDsa.Create(System.Security.Cryptography.ECCurve.NamedCurves.nistP256);
        ViciSection Key(string? source)
        {
            var m = new ViciSection().Add("type", "any").Add("data", ec.ExportPkcs8PrivateKey());
            return source is null ? m : m.Add("x-source", source).Add("x-path", "/etc/ipsec.d/private/k.pem");
        }
        var id = (await client.Request("load-key", Key(Source))).Text("id")!;
        Assert.Equal("  loaded ECDSA private key from '/etc/ipsec.d/private/k.pem'", control.Daemon.Lines.Last());
        Assert.Empty((await client.Request("get-keys")).List("keys"));
        Assert.Equal([id], (await client.Request("get-keys", Of(Source))).List("keys"));
        Assert.Equal("key not found", (await client.Request("unload-key", new ViciSection().Add("id", id))).Text("errmsg"));
        Assert.Equal(id, (await client.Request("load-key", Key(null))).Text("id"));
        Assert.Equal("loaded ECDSA private key", control.Daemon.Lines.Last());
        Assert.Equal([id], (await client.Request("get-keys")).List("keys"));
        await client.Request("x-clear-secrets", Clear);
        // The other one's key is as good.
        Assert.Single(control.Daemon.Store.Current.Credentials.Keys);
        await client.Request("unload-key", new ViciSection().Add("id", id));
        Assert.Empty(control.Daemon.Store.Current.Credentials.Keys);
    }
}
