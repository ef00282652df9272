// Certificates that are only named: where they are fetched from, for whom, how many, and what counts. RFC 7296 3.6.
using Cygnet.Auth;
using Cygnet.Ike;
using Cygnet.Pki;
using Cygnet.Policy;
using Cygnet.Tests.Pki;
using Cygnet.Tests.Pki.Revocation;
using Cygnet.Tests.Sim;
using Cygnet.Wire;

namespace Cygnet.Tests.Ike;

public sealed class HashAndUrlTests
{
    const string Base = "http://certs.example/x/";

    static readonly DateTimeOffset s_start = DateTimeOffset.UnixEpoch.AddDays(-1), s_end = DateTimeOffset.UnixEpoch.AddDays(1);

    readonly TestAuthority _root = new("root", from: s_start, to: s_end), _ca, _moon, _sun;
    readonly Pair _pair;
    readonly FakeFetcher _fetcher;

    public HashAndUrlTests()
    {
        _ca = new("ca", _root, from: s_start, to: s_end);
        _moon = new("moon", _ca, isCa: false, from: s_start, to: s_end);
        _sun = new("sun", _ca, isCa: false, from: s_start, to: s_end);
        _pair = new(change: c => c.Name == "moon-sun" ? c with { Local = [By("moon")], Remote = [By("sun")] } : c with { Local = [By("sun")], Remote = [By("moon")] });
        _pair.Moon.Crypto = _pair.Sun.Crypto = RevocationLab.Crypto;
        _pair.Moon.Engine.Configure(new(_pair.Moon.Connections, Store(_moon).Add(_ca.Certificate, CertificateFlags.None).Add(Place(_root)).Add(Place(_ca)).Build()));
        _pair.Sun.Engine.Configure(new(_pair.Sun.Connections, Store(_sun).Add(_ca.Certificate, CertificateFlags.None).Build()));
        _pair.Sun.Engine.Settings = _pair.Sun.Engine.Settings with { HashAndUrl = true };
        _fetcher = new(_pair.Network, TimeSpan.FromSeconds(9));
        _pair.Sun.StatusFetcher = _fetcher;
    }

    static AuthRound By(string name) => new() { Class = AuthClass.PublicKey, Id = Identity.Parse($"CN={name}") };

    static Cygnet.Pki.Revocation.AuthorityLocations Place(TestAuthority of, string at = Base) => new(of.Certificate, [], [], "x") { CertificateBase = at };

    CredentialStoreBuilder Store(TestAuthority owner) => new CredentialStoreBuilder().Add(_root.Certificate).Add(owner.Certificate).Add(RevocationLab.Key(owner));

    static string At(TestAuthority of, string below = Base) => HashAndUrl.Of(of.Certificate.Raw, below).Url;

    void Serve(params TestAuthority[] all)
    {
        foreach (var one in all) _fetcher.Certificates[At(one)] = one.Certificate.Raw;
    }

    bool HasLogged(Gateway gateway, string text) => gateway.LogLines.Exists(l => l.Contains(text, StringComparison.Ordinal));

    // Moon, whose certificate sun cannot have known from another test: keys are fresh each time.
    Outcome Up()
    {
        var outcome = _pair.Up();
        _pair.Settle();
        _pair.ShouldHaveNoFaults();
        return outcome;
    }

    [Fact]
    public void A_certificate_that_is_named_is_fetched_once_and_counts_by_its_hash()
    {
        Serve(_moon);
        Assert.Null(Up().Error);
        string url = At(_moon);
        string[] lines = [$"received hash-and-url for end entity cert \"{url}\"", $"  fetching certificate from '{url}' ...", "  fetched certificate \"CN=moon\"", "authentication of 'CN=moon'"];
        foreach (var line in lines) Assert.True(HasLogged(_pair.Sun, line), line);
        Assert.True(HasLogged(_pair.Moon, $"sending hash-and-url \"{url}\""));
        // The one of the CA, sun has.
        Assert.Equal([url], _fetcher.FetchedCertificates.Select(n => n.Url));
        Assert.True(HasLogged(_pair.Sun, "received issuer cert \"CN=ca\""));
        // Once it was found trusted, the name is enough.
        _pair.Moon.Do(new Wish.TerminateIke(_pair.Moon.Engine.Snapshots().Single().UniqueId, false, null));
        _pair.Settle();
        Assert.Null(Up().Error);
        Assert.Single(_fetcher.FetchedCertificates);
        Assert.True(HasLogged(_pair.Sun, "received end entity cert \"CN=moon\""));
    }

    [Fact]
    public void The_initiator_fetches_too()
    {
        var fetcher = new FakeFetcher(_pair.Network, TimeSpan.FromSeconds(9));
        _pair.Moon.StatusFetcher = fetcher;
        _pair.Moon.Engine.Settings = _pair.Moon.Engine.Settings with { HashAndUrl = true };
        _pair.Sun.Engine.Configure(new(_pair.Sun.Connections, Store(_sun).Add(_ca.Certificate, CertificateFlags.None).Add(Place(_ca)).Build()));
        Serve(_moon);
        fetcher.Certificates[At(_sun)] = _sun.Certificate.Raw;
        Assert.Null(Up().Error);
        // Both have configured the place.
        Assert.Equal([new(At(_sun), IsConfigured: true)], fetcher.FetchedCertificates);
        Assert.Equal([new(At(_moon), IsConfigured: true)], _fetcher.FetchedCertificates);
    }

    // A place that is not ours is marked so: the fetcher then keeps out of private networks.
    [Theory]
    [InlineData("http://certs.example/", true)]
    [InlineData("http://certs.example/x/", true)]
    [InlineData("http://certs.example/y/", false)]
    [InlineData("http://certs.example:81/", false)]
    [InlineData("http://certs.example.evil/", false)]
    [InlineData("http://other.example/", false)]
    public void Only_what_lies_below_a_place_of_the_operator_is_his(string ours, bool isConfigured)
    {
        _pair.Sun.Engine.Configure(new(_pair.Sun.Connections, Store(_sun).Add(_ca.Certificate, CertificateFlags.None).Add(Place(_ca, ours)).Build()));
        Up();
        Assert.Equal(isConfigured, Assert.Single(_fetcher.FetchedCertificates).IsConfigured);
        foreach (var trick in (string[])["http://certs.example/x/../secret", "http://user@certs.example/x/a", "http://certs.example/x/%2e%2e/secret"])
            Assert.False(Place(_ca).IsAbove(trick), trick);
    }

    [Fact]
    public void What_is_there_and_is_something_else_is_nothing()
    {
        _fetcher.Certificates[At(_moon)] = _sun.Certificate.Raw;
        Assert.NotNull(Up().Error);
        Assert.True(HasLogged(_pair.Sun, "what is there is not the certificate with hash"));
        Assert.True(HasLogged(_pair.Sun, "  fetching certificate failed"));
        Assert.Single(_fetcher.FetchedCertificates);
    }

    [Fact]
    public void Who_does_not_ask_for_names_gets_none_and_takes_none()
    {
        _pair.Sun.Engine.Settings = _pair.Sun.Engine.Settings with { HashAndUrl = false };
        Assert.Null(Up().Error);
        Assert.False(HasLogged(_pair.Moon, "sending hash-and-url"));
        Assert.Empty(_fetcher.FetchedCertificates);
    }

    [Fact]
    public void So_many_are_fetched_for_one_address_in_a_minute()
    {
        for (var i = 0; i < LookupBudget.PerAddress; i++) Assert.True(_pair.Sun.Shared.Lookups.Take(_pair.Moon.Address, _pair.Network.Now));
        Serve(_moon);
        Assert.NotNull(_pair.Up().Error);
        Assert.Empty(_fetcher.FetchedCertificates);
        Assert.True(HasLogged(_pair.Sun, "too many certificates were fetched for peers within a minute"));
        // Others have theirs, up to what all may have.
        var taken = LookupBudget.PerAddress;
        for (var i = 1; i < 250; i++)
            if (_pair.Sun.Shared.Lookups.Take(Address.Parse($"198.51.100.{i}"), _pair.Network.Now)) taken++;
        Assert.Equal(LookupBudget.Overall, taken);
        _pair.Settle(120);
        Assert.Null(_pair.Up().Error);
        _pair.ShouldHaveNoFaults();
    }

    [Fact]
    public void Names_are_read_whole_or_not_at_all()
    {
        var name = HashAndUrl.Of([1, 2, 3], "http://a/");
        Assert.Equal("http://a/7037807198c22a7d2b0807371d763779a84fdfcf", name.Url);
        Assert.True(name.Names([1, 2, 3]));
        Assert.False(name.Names([1, 2]));
        Assert.Equal(name.Url, HashAndUrl.Read(name.ToBytes())!.Url);
        byte[][] wrong =
        [
            [], new byte[20], [.. name.Hash, .. "http://"u8], [.. name.Hash, .. "https://a/"u8], [.. name.Hash, .. "file:///etc/passwd"u8], [.. name.Hash, .. "http://a/ b"u8],
            [.. name.Hash, .. "http://a/\0"u8], [.. name.ToBytes(), .. Enumerable.Repeat((byte)'a', 1024)],
        ];
        foreach (var data in wrong) Assert.Null(HashAndUrl.Read(data));
    }
}
