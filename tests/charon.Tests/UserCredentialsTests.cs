// x-user-creds: who uses a connection; x-commit with the lines of the client; certificates that are replaced as a whole.
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Cygnet.Auth;
using Cygnet.Control;
using Cygnet.Policy;

namespace Cygnet.Charon.Tests;

public sealed class UserCredentialsTests : IAsyncLifetime
{
    readonly ControlSocket _control = new();
    readonly TestClient _client;

    public UserCredentialsTests() => _client = _control.Connect();

    // xunit 2 ends a test's IAsyncLifetime, and leaves an IAsyncDisposable as it is.
    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        _client.Dispose();
        await _control.DisposeAsync();
    }

    async Task Load(string auth, string? remoteId)
    {
        var message = new ViciSection();
        var c = message.AddSection("home");
        c.AddSection("local").Add("auth", auth);
        c.AddSection("remote").Add("auth", "pubkey").Add("id", remoteId);
        c.AddSection("children").AddSection("net");
        Assert.Equal("yes", (await _client.Request("load-conn", message)).Text("success"));
    }

    async Task<string?> Set(string name, string username, string? password = null) =>
        (await _client.Request("x-user-creds", new ViciSection().Add("name", name).Add("username", username).Add("password", password))).Text("errmsg");

    LoadedState State => _control.Daemon.Store.Current;

    [Theory]
    [InlineData("home")]
    [InlineData("net")]
    public async Task NameAndPasswordOfAConnection(string name)
    {
        await Load("eap-mschapv2", "moon.example");
        Assert.Null(await Set(name, "carol", "first"));
        Assert.Null(await Set(name, "dave", "second"));
        Assert.Equal("dave", State.Connections.Find("home")!.Local.Single().EapId!.ToString());
        // the earlier password is gone with its name
        var secret = Assert.Single(State.Credentials.Secrets);
        Assert.Equal(("second", SecretClass.Eap), (System.Text.Encoding.ASCII.GetString(secret.Value), secret.Class));
        Assert.Equal(["dave", "moon.example"], secret.Owners.Select(o => o.ToString()));
    }

    [Fact]
    public async Task WithoutAPasswordOnlyTheName()
    {
        await Load("eap", null);
        Assert.Null(await Set("home", "carol"));
        Assert.Equal("carol", State.Connections.Find("home")!.Local.Single().EapId!.ToString());
        Assert.Empty(State.Credentials.Secrets);
        Assert.Null(await Set("home", "carol", "secret"));
        Assert.Equal(["carol"], Assert.Single(State.Credentials.Secrets).Owners.Select(o => o.ToString()));
    }

    [Theory]
    [InlineData("eap", "nosuch", "carol", "no config named 'nosuch'")]
    [InlineData("eap", "home", "", "invalid username ''")]
    [InlineData("eap", "home", "%any", "invalid username '%any'")]
    [InlineData("pubkey", "home", "carol", "config 'home' unsuitable for user credentials")]
    public async Task WhatDoesNotFitIsRefused(string auth, string name, string username, string reason)
    {
        await Load(auth, null);
        var before = State;
        Assert.Equal(reason, await Set(name, username, "secret"));
        Assert.Same(before, State);
    }

    [Fact]
    public async Task ACommitSaysWhatItsClientHasRead()
    {
        await _client.Request("x-begin");
        await _client.Request("x-replace-certs", new ViciSection().Add("type", "X509").Add("flag", "CA").Add("source", "d").AddList("data", [Make("CN=one", true)]));
        await _client.Request("x-commit", new ViciSection().AddList("log", ["rereading ca certificates from '/etc/x'", "  loaded \u001b[31m"]));
        Assert.Equal(["rereading ca certificates from '/etc/x'", "  loaded ?[31m"], _control.Daemon.Lines);
        await _client.Request("x-begin");
        await _client.Request("x-replace-certs", new ViciSection().Add("flag", "CA").Add("source", "d").AddList("data", ["garbage"u8.ToArray()]));
        Assert.Equal("no", (await _client.Request("x-commit", new ViciSection().AddList("log", ["never said"]))).Text("success"));
        Assert.DoesNotContain("never said", _control.Daemon.Lines);
    }

    [Fact]
    public async Task OnlyWhatIsOfTheSameSourceAndUseIsReplaced()
    {
        byte[] one = Make("CN=one", true), two = Make("CN=two", true), both = Make("CN=both", true), other = Make("CN=other", true);
        foreach (var (data, flag, source) in ((byte[], string, string)[])[(one, "CA", "d"), (both, "AA", "a"), (other, "CA", "e")])
            await _client.Request("load-cert", new ViciSection().Add("type", "X509").Add("flag", flag).Add("data", data).Add("x-source", source));
        var answer = await _client.Request("x-replace-certs", new ViciSection().Add("flag", "CA").Add("source", "d").AddList("data", [two]));
        Assert.Equal(("1", "1"), (answer.Text("added"), answer.Text("removed")));
        Assert.Equal(["CN=both", "CN=other", "CN=two"], Names());
        // an AA that is a CA too
        answer = await _client.Request("x-replace-certs", new ViciSection().Add("flag", "AA").Add("source", "a").AddList("data", Array.Empty<byte[]>()));
        Assert.Equal("1", answer.Text("removed"));
        Assert.Equal(["CN=other", "CN=two"], Names());

        IEnumerable<string> Names() => State.Credentials.Certificates.Select(c => c.Certificate.Subject.ToString()).Order();
    }

    static byte[] Make(string subject, bool isCa)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(isCa, false, 0, true));
        return request.CreateSelfSigned(DateTimeOffset.UnixEpoch, new(2040, 1, 1, 0, 0, 0, TimeSpan.Zero)).RawData;
    }
}
