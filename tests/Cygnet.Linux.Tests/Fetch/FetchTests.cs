// Fetching from real servers on loopback: HTTP as it misbehaves, LDAP, files, and openssl's OCSP responder.
using System.Collections.Concurrent;
using System.Diagnostics;
using System.Formats.Asn1;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Cygnet.Crypto;
using Cygnet.Linux.Fetch;
using Cygnet.Pki;
using Cygnet.Pki.Revocation;

namespace Cygnet.Linux.Tests.Fetch;

public sealed class FetchTests : IDisposable
{
    readonly ConcurrentQueue<string> _log = new();
    readonly StatusFetcher _fetcher;
    readonly string _directory = Directory.CreateTempSubdirectory("fetch").FullName;

    public FetchTests() => _fetcher = new(new SystemRandom(), new(TimeSpan.FromSeconds(30), new()), _log.Enqueue);

    async Task<StatusAnswer> Fetch(string uri, double seconds = 30)
    {
        _fetcher.Fetching = new(TimeSpan.FromSeconds(seconds), new());
        return await _fetcher.Fetch(new(uri));
    }

    /// <summary>Serves one canned answer to everybody; counts.</summary>
    sealed class Server : IDisposable
    {
        readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        readonly Func<NetworkStream, byte[], Task> _answer;
        int _served;

        public Server(Func<NetworkStream, byte[], Task> answer)
        {
            _answer = answer;
            _listener.Start();
            _ = Serve();
        }

        public int Served => Volatile.Read(ref _served);

        public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

        async Task Serve()
        {
            try
            {
                while (true) _ = Serve(await _listener.AcceptTcpClientAsync());
            }
            catch (SocketException) { }
            catch (ObjectDisposedException) { }
        }

        async Task Serve(TcpClient client)
        {
            using (client)
            {
                var buffer = new byte[10_000];
                var length = await client.GetStream().ReadAsync(buffer);
                Interlocked.Increment(ref _served);
                try { await _answer(client.GetStream(), buffer[..length]); }
                catch (IOException) { }
            }
        }

        public void Dispose() => _listener.Stop();
    }

    static Server Http(string head, byte[] body) => new(async (stream, _) =>
    {
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 {head}\r\nConnection: close\r\n\r\n"));
        await stream.WriteAsync(body);
    });

    /// <summary>openssl's responder does it now and then to who comes while it takes leave of another.</summary>
    [Theory]
    [InlineData(1, true), InlineData(2, false)]
    public async Task A_connection_that_is_reset_is_tried_once_more(int resets, bool succeeds)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        _ = Task.Run(async () =>
        {
            try
            {
                for (var i = 0; ; i++)
                {
                    using var client = await listener.AcceptSocketAsync();
                    var isReset = i < resets;
                    if (isReset) client.LingerState = new(true, 0); // RST instead of FIN
                    await client.ReceiveAsync(new byte[10_000]);
                    if (!isReset) await client.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"u8.ToArray());
                }
            }
            catch (SocketException) { }
            catch (ObjectDisposedException) { }
        });
        var answer = await Fetch($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/");
        Assert.Equal(succeeds, answer.Failure is null);
    }

    [Fact]
    public async Task ABodyIsTakenAsItIs()
    {
        using var server = Http("200 OK\r\nContent-Length: 3", [1, 2, 3]);
        using var other = Http($"302 Found\r\nLocation: http://127.0.0.1:{server.Port}/x", []);
        foreach (var port in (int[])[server.Port, other.Port]) Assert.Null((await Fetch($"http://127.0.0.1:{port}/a.crl")).Failure);
        Assert.Equal(2, server.Served);
    }

    // As openssl's responder does: it promises to keep the connection, and closes it.
    [Fact]
    public async Task NothingIsAskedOnAConnectionThatServedBefore()
    {
        using var server = new Server(async (stream, _) =>
        {
            await stream.WriteAsync("HTTP/1.1 200 OK\r\nConnection: keep-alive\r\nContent-Length: 3\r\n\r\nabc"u8.ToArray());
            if (await stream.ReadAsync(new byte[1]) > 0) stream.Socket.LingerState = new(true, 0);
        });
        for (var i = 0; i < 3; i++) Assert.Null((await Fetch($"http://127.0.0.1:{server.Port}/a.crl")).Failure);
        Assert.Equal(3, server.Served);
    }

    // For a stranger: from where the operator has said, or from the web at large.
    [Fact]
    public async Task ACertificateIsFetchedFromConfiguredPlacesAndNeverFromPrivateOnes()
    {
        using var server = Http("200 OK\r\nContent-Length: 3", [1, 2, 3]);
        var url = $"http://127.0.0.1:{server.Port}/a";
        Assert.Equal([1, 2, 3], (await _fetcher.FetchCertificate(new(url, IsConfigured: true))).Der);
        // Nothing is followed: who may name one place may not name another by it.
        using var elsewhere = Http($"302 Found\r\nLocation: {url}", []);
        Assert.Equal("the server answers 302 Found", (await _fetcher.FetchCertificate(new($"http://127.0.0.1:{elsewhere.Port}/", IsConfigured: true))).Failure);
        Assert.Equal(1, server.Served);
        Assert.StartsWith($"port {server.Port} is asked for by a peer", (await _fetcher.FetchCertificate(new(url, IsConfigured: false))).Failure);
        foreach (var host in (string[])["127.0.0.1", "localhost", "169.254.169.254", "[::1]", "[::ffff:10.0.0.1]", "2130706433"])
            Assert.Contains("has no public address", (await _fetcher.FetchCertificate(new($"http://{host}/", IsConfigured: false))).Failure);
        foreach (var wrong in (string[])["https://127.0.0.1/", "file:///etc/passwd", "http://user@127.0.0.1/", "x"])
            Assert.EndsWith("is no plain http URL", (await _fetcher.FetchCertificate(new(wrong, IsConfigured: true))).Failure);
        Assert.Equal(1, server.Served);
        using var large = Http("200 OK", new byte[(1 << 16) + 1]);
        Assert.StartsWith("the server sends more than 65536 bytes", (await _fetcher.FetchCertificate(new($"http://127.0.0.1:{large.Port}/", IsConfigured: true))).Failure);
    }

    [Theory]
    [InlineData("8.8.8.8", true)]
    [InlineData("172.15.255.255", true)]
    [InlineData("172.32.0.1", true)]
    [InlineData("2a00:1450::1", true)]
    [InlineData("2003::1", true)]
    [InlineData("::ffff:8.8.8.8", true)]
    [InlineData("0.0.0.0", false)]
    [InlineData("10.1.2.3", false)]
    [InlineData("100.64.0.1", false)]
    [InlineData("127.1.2.3", false)]
    [InlineData("169.254.169.254", false)]
    [InlineData("172.16.0.1", false)]
    [InlineData("172.31.255.255", false)]
    [InlineData("192.168.1.1", false)]
    [InlineData("198.19.0.1", false)]
    [InlineData("224.0.0.1", false)]
    [InlineData("255.255.255.255", false)]
    [InlineData("::", false)]
    [InlineData("::1", false)]
    [InlineData("::ffff:192.168.1.1", false)]
    [InlineData("::192.168.1.1", false)]
    [InlineData("64:ff9b::a00:1", false)]
    [InlineData("2001::1", false)]
    [InlineData("2001:db8::1", false)]
    [InlineData("2002:a00:1::1", false)]
    [InlineData("fc00::1", false)]
    [InlineData("fe80::1", false)]
    [InlineData("fec0::1", false)]
    [InlineData("ff02::1", false)]
    public void WhatIsOfTheInternetAtLarge(string address, bool isPublic) => Assert.Equal(isPublic, PublicHosts.IsPublic(IPAddress.Parse(address)));

    [Fact]
    public async Task WhatGoesWrongIsSaid()
    {
        using var missing = Http("404 Not Found", []);
        Assert.Equal("the server answers 404 Not Found", (await Fetch($"http://127.0.0.1:{missing.Port}/")).Failure);
        using var elsewhere = Http("302 Found\r\nLocation: file:///etc/passwd", []);
        Assert.NotNull((await Fetch($"http://127.0.0.1:{elsewhere.Port}/")).Failure);
        using var silent = new Server(async (_, _) => await Task.Delay(TimeSpan.FromMinutes(1)));
        Assert.Equal("no answer within 1 s", (await Fetch($"http://127.0.0.1:{silent.Port}/", seconds: 1)).Failure);
        using var closed = new TcpListener(IPAddress.Loopback, 0);
        closed.Start();
        var port = ((IPEndPoint)closed.LocalEndpoint).Port;
        closed.Stop();
        Assert.Contains("refused", (await Fetch($"http://127.0.0.1:{port}/")).Failure);
        Assert.Equal("unable to fetch from gopher://x/, no capable fetcher found", (await Fetch("gopher://x/")).Failure);
        Assert.Equal("'x' is no URI", (await Fetch("x")).Failure);
        Assert.Contains("is not there", (await Fetch("file:///nonexistent")).Failure);
    }

    [Fact]
    public async Task ABodyWithoutEndIsCut()
    {
        using var endless = new Server(async (stream, _) =>
        {
            await stream.WriteAsync("HTTP/1.1 200 OK\r\n\r\n"u8.ToArray());
            var block = new byte[1 << 20];
            while (true) await stream.WriteAsync(block);
        });
        Assert.StartsWith("the server sends more than", (await Fetch($"http://127.0.0.1:{endless.Port}/", seconds: 120)).Failure);
    }

    [Fact]
    public async Task EqualNeedsShareOneFetch()
    {
        var go = new TaskCompletionSource();
        using var slow = new Server(async (stream, _) =>
        {
            await go.Task;
            await stream.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"u8.ToArray());
        });
        var need = new StatusNeed($"http://127.0.0.1:{slow.Port}/");
        List<Task<StatusAnswer>> all = [.. Enumerable.Range(0, 20).Select(_ => _fetcher.Fetch(need).AsTask())];
        go.SetResult();
        var answers = await Task.WhenAll(all);
        Assert.Single(answers.Distinct());
        Assert.Equal(1, slow.Served);
    }

    [Fact]
    public async Task ADirectoryIsSearchedByLdap()
    {
        var value = RandomNumberGenerator.GetBytes(70_000);
        byte[]? asked = null;
        using var server = new Server(async (stream, request) =>
        {
            asked = request;
            await stream.WriteAsync(Entry("certificateRevocationList;binary", value));
            await stream.WriteAsync(Done(0));
        });
        using var file = new Server(async (stream, _) => await stream.WriteAsync(Done(32)));
        Assert.Null((await Fetch($"ldap://127.0.0.1:{server.Port}/cn=ca,%20o=x?certificateRevocationList?sub?(objectClass=*)")).Failure);
        var search = new AsnReader(new AsnReader(asked!, AsnEncodingRules.BER).ReadSequence().ReadEncodedValueAfter(1), AsnEncodingRules.BER).ReadSequence(new Asn1Tag(TagClass.Application, 3));
        Assert.Equal("cn=ca, o=x", Encoding.UTF8.GetString(search.ReadOctetString()));
        Assert.Equal([2], search.ReadEnumeratedBytes().ToArray());
        Assert.StartsWith("the directory says: result 20", (await Fetch($"ldap://127.0.0.1:{file.Port}/cn=x")).Failure);
        using var http = Http("400 Bad", []);
        Assert.NotNull((await Fetch($"ldap://127.0.0.1:{http.Port}/cn=x")).Failure);
    }

    [Fact]
    public void NoAnswerOfADirectoryDoesHarm()
    {
        var random = new Random(7);
        byte[][] messages = [Entry("certificateRevocationList", [1, 2, 3]), Done(0), Done(4)];
        for (var i = 0; i < 20_000; i++)
        {
            var message = messages[i % messages.Length].ToArray();
            for (var n = random.Next(1, 4); n > 0; n--) message[random.Next(message.Length)] = (byte)random.Next(256);
            byte[]? found = null;
            try { LdapSearch.Take(message[..random.Next(1, message.Length + 1)], "certificateRevocationList", ref found); }
            catch (Exception e) when (e is FetchFailure or AsnContentException) { }
        }
    }

    static byte[] Entry(string attribute, byte[] value)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteInteger(1);
            using (writer.PushSequence(new Asn1Tag(TagClass.Application, 4)))
            {
                writer.WriteOctetString("cn=ca"u8);
                using (writer.PushSequence())
                using (writer.PushSequence())
                {
                    writer.WriteOctetString(Encoding.ASCII.GetBytes(attribute));
                    using (writer.PushSetOf()) writer.WriteOctetString(value);
                }
            }
        }
        return writer.Encode();
    }

    static byte[] Done(byte code) => [0x30, 12, 2, 1, 1, 0x65, 7, 0x0a, 1, code, 4, 0, 4, 0];

    [Fact]
    public void OneEntryAndOneValueAreWhatAnLdapUriMayAskFor()
    {
        var uri = LdapUri.Parse(new("ldap://[2001:db8::1]/cn=a?crl?one?(cn=b)"));
        Assert.Equal(("2001:db8::1", 389, "cn=a", "crl", 1, "cn", "b"), (uri.Host, uri.Port, uri.Entry, uri.Attribute, uri.Scope, uri.FilterAttribute, uri.FilterValue));
        Assert.Equal(("certificateRevocationList;binary", "objectClass", null), (LdapUri.Parse(new("ldap://h/cn=a")).Attribute, LdapUri.Parse(new("ldap://h/cn=a")).FilterAttribute, LdapUri.Parse(new("ldap://h/cn=a")).FilterValue));
        foreach (var bad in (string[])["ldap:///cn=a", "ldap://h/cn=a?b?all", "ldap://h/cn=a?b?base?(|(a=b)(c=d))", "ldap://h/cn=a?b?base?="])
            Assert.Throws<FetchFailure>(() => LdapUri.Parse(new(bad)));
    }

    [Fact]
    public async Task OpensslRespondsAboutGoodAndRevokedCertificatesAndCrlsAreKept()
    {
        OpenSsl("req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ca.key -out ca.pem -subj /CN=ca -days 2");
        File.WriteAllText($"{_directory}/index.txt", "");
        File.WriteAllText($"{_directory}/serial", "1001\n");
        File.WriteAllText($"{_directory}/crlnumber", "05\n");
        File.WriteAllText($"{_directory}/ca.cnf", "[ca]\ndefault_ca=d\n[d]\ndatabase=index.txt\nserial=serial\ncrlnumber=crlnumber\nnew_certs_dir=.\ncertificate=ca.pem\nprivate_key=ca.key\ndefault_md=sha256\ndefault_days=1\ndefault_crl_days=1\npolicy=p\nunique_subject=no\ncrl_extensions=e\n[p]\ncommonName=supplied\n[e]\nauthorityKeyIdentifier=keyid\n");
        foreach (var name in (string[])["good", "bad"])
        {
            OpenSsl($"req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout {name}.key -out {name}.csr -subj /CN={name}");
            OpenSsl($"ca -config ca.cnf -batch -notext -in {name}.csr -out {name}.pem");
        }
        OpenSsl("ca -config ca.cnf -revoke bad.pem -crl_reason superseded");
        OpenSsl("ca -config ca.cnf -gencrl -out ca.crl");
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        var port = ((IPEndPoint)probe.LocalEndpoint).Port;
        probe.Stop();
        using var responder = Process.Start(new ProcessStartInfo("openssl", $"ocsp -index index.txt -port {port} -rsigner ca.pem -rkey ca.key -CA ca.pem -nmin 5 -ignore_err") { WorkingDirectory = _directory, RedirectStandardOutput = true, RedirectStandardError = true })!;
        try
        {
            var ca = Read("ca");
            foreach (var (name, expected) in new[] { ("good", CertificateStatus.Good), ("bad", CertificateStatus.Revoked) })
            {
                List<string> lines = [];
                var limit = Stopwatch.StartNew();
                // The responder may not listen yet.
                while (await Check(Read(name), ca, [$"http://127.0.0.1:{port}/"], [], lines) != expected)
                {
                    Assert.True(limit.Elapsed < TimeSpan.FromMinutes(1), string.Join('\n', lines));
                    await Task.Delay(100);
                }
                Assert.Contains("  ocsp response correctly signed by \"CN=ca\"", lines);
            }
        }
        finally
        {
            responder.Kill();
            await responder.WaitForExitAsync();
        }
        _fetcher.KeepIn = () => _directory;
        List<string> crlLines = [];
        Assert.Equal(CertificateStatus.Revoked, await Check(Read("bad"), Read("ca"), [], [$"file://{_directory}/ca.crl"], crlLines));
        Assert.Contains(crlLines, l => l.EndsWith("reason: superseded", StringComparison.Ordinal));
        await _fetcher.Written;
        var written = Assert.Single(Directory.GetFiles(_directory, "*.crl"), f => !f.EndsWith("/ca.crl", StringComparison.Ordinal));
        Assert.Equal($"{Convert.ToHexStringLower(Read("ca").SubjectKeyId!)}.crl", Path.GetFileName(written));
        Assert.Equal($"  written crl file '{written}' ({new FileInfo(written).Length} bytes)", Assert.Single(_log));
        Assert.Contains("CN = ca", OpenSsl($"crl -inform der -in {written} -noout -issuer"));
    }

    async Task<CertificateStatus> Check(Certificate certificate, Certificate ca, string[] responders, string[] crls, List<string> lines)
    {
        var answers = new Dictionary<StatusNeed, StatusAnswer>();
        while (true)
        {
            lines.Clear();
            var round = new StatusRound(StatusPicture.Empty, answers, mayFetch: true);
            var status = new StatusCheck(new SystemCrypto(), new([ca], [], [], [], [new(ca, [.. crls], [.. responders], "x")]), round).Check(certificate, ca, DateTimeOffset.UtcNow, lines);
            if (status != CertificateStatus.Pending)
            {
                _fetcher.Keep(round.LearnedCrls);
                return status;
            }
            foreach (var need in round.Needs) answers[need] = await _fetcher.Fetch(need);
        }
    }

    Certificate Read(string name) => Certificate.TryParse(File.ReadAllBytes($"{_directory}/{name}.pem"), out var reason) ?? throw new InvalidOperationException(reason);

    string OpenSsl(string arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("openssl", arguments) { WorkingDirectory = _directory, RedirectStandardOutput = true, RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"openssl {arguments}: {errors.Result}");
        return output;
    }

    public void Dispose()
    {
        _fetcher.Dispose();
        Directory.Delete(_directory, true);
    }
}

static class AsnReading
{
    /// <summary>The encoded value after so many others.</summary>
    public static ReadOnlyMemory<byte> ReadEncodedValueAfter(this AsnReader reader, int others)
    {
        for (var i = 0; i < others; i++) reader.ReadEncodedValue();
        return reader.ReadEncodedValue();
    }
}
