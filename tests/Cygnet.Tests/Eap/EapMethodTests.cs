// Each method from the first request to the key, both ends ours.
using System.Text;
using Cygnet.Auth;
using Cygnet.Crypto;
using Cygnet.Eap;
using Cygnet.Policy;
using Cygnet.Tests.Pki;

namespace Cygnet.Tests.Eap;

public sealed class EapMethodTests
{
    static void Succeeds(EapOutcomes o, string type, bool hasMsk)
    {
        Assert.True(o.Server.Outcome == EapOutcome.Success, string.Join('\n', o.ServerLines.Append(o.Server.Reason).Append("client:").Concat(o.ClientLines).Append(o.Client.Reason)));
        Assert.True(o.Client.Outcome == EapOutcome.Success, string.Join('\n', o.ClientLines.Append(o.Client.Reason)));
        Assert.Equal(hasMsk ? 64 : null, o.Client.Msk?.Length);
        Assert.Equal(o.Server.Msk, o.Client.Msk);
        Assert.Equal(type, o.Client.Type.ToString());
        Assert.Equal(type, o.Server.Type.ToString());
        Assert.Contains($"EAP method {type} succeeded, {(hasMsk ? "" : "no ")}MSK established", o.ClientLines);
        Assert.Contains($"EAP method {type} succeeded, {(hasMsk ? "" : "no ")}MSK established", o.ServerLines);
    }

    static void IsRefused(EapOutcomes o, string serverReason)
    {
        Assert.Equal(EapOutcome.Failure, o.Server.Outcome);
        Assert.Equal(EapOutcome.Failure, o.Client.Outcome);
        Assert.Contains(serverReason, o.Server.Reason);
        Assert.Equal(4, o.Server.Packet![0]);
        Assert.Null(o.Server.Msk);
        Assert.Null(o.Client.Msk);
    }

    [Theory]
    [InlineData("eap-md5", "EAP_MD5", false)]
    [InlineData("eap-mschapv2", "EAP_MSCHAPV2", true)]
    [InlineData("eap-gtc", "EAP_GTC", false)]
    [InlineData("eap-tls", "EAP_TLS", true)]
    [InlineData("eap-ttls", "EAP_TTLS", true)]
    [InlineData("eap-peap", "EAP_PEAP", true)]
    [InlineData("eap-sim", "EAP_SIM", true)]
    [InlineData("eap-aka", "EAP_AKA", true)]
    [InlineData("eap-26", "EAP_MSCHAPV2", true)]
    [InlineData("EAP-MSCHAPV2", "EAP_MSCHAPV2", true)]
    public void A_method_succeeds_with_the_same_key_at_both_ends(string method, string type, bool hasMsk)
    {
        var bench = new EapBench(method);
        var o = bench.Run();
        Succeeds(o, type, hasMsk);
        Assert.Contains($"server requested EAP_IDENTITY (id 0x00), sending '{bench.ClientId}'", o.ClientLines);
        Assert.Contains($"received EAP identity '{bench.ClientId}'", o.ServerLines);
        Assert.Contains(o.ClientLines, l => l.StartsWith($"server requested {type} authentication (id 0x", StringComparison.Ordinal));
        Assert.Contains(o.ServerLines, l => l.StartsWith($"initiating {type} method (id 0x", StringComparison.Ordinal));
        Assert.Equal(bench.ClientId, o.Server.Identity);
    }

    [Theory]
    [MemberData(nameof(EapBench.MethodData), MemberType = typeof(EapBench))]
    public void Two_conversations_have_different_keys(string method)
    {
        var (a, b) = (new EapBench(method, 1).Run(), new EapBench(method, 100).Run());
        if (a.Client.Msk is { } msk) Assert.NotEqual(msk, b.Client.Msk);
    }

    [Theory]
    [InlineData("eap-md5")]
    [InlineData("eap-mschapv2")]
    [InlineData("eap-gtc")]
    [InlineData("eap-ttls")]
    [InlineData("eap-peap")]
    public void A_wrong_password_is_refused_with_a_reason(string method)
    {
        var bench = new EapBench(method) { ClientStore = new() };
        bench.ClientStore.Add(EapBench.Ca.Certificate).Add(new SharedSecret(SecretClass.Eap, "wrong"u8.ToArray(), []));
        var o = bench.Run();
        if (method is not ("eap-mschapv2" or "eap-peap")) IsRefused(o, "password");
        // the server would let the user try again; we have nothing else to try
        else Assert.Contains("ERROR_AUTHENTICATION_FAILURE", o.Client.Reason);
        Assert.Equal(EapOutcome.Failure, o.Client.Outcome);
        Assert.NotEqual(EapOutcome.Success, o.Server.Outcome);
    }

    [Theory]
    [InlineData("eap-md5")]
    [InlineData("eap-mschapv2")]
    [InlineData("eap-gtc")]
    public void A_client_without_a_secret_says_so(string method)
    {
        var o = new EapBench(method) { ClientStore = new() }.Run();
        Assert.Equal(EapOutcome.Failure, o.Client.Outcome);
        Assert.StartsWith("no EAP key found for hosts '", o.Client.Reason);
        Assert.Contains(o.Client.Reason!, o.ClientLines);
    }

    [Fact]
    public void Without_asking_the_IKE_identity_counts()
    {
        var o = new EapBench("eap-md5") { ServerEapId = null, ClientEapId = Identity.Parse("other") }.Run();
        Succeeds(o, "EAP_MD5", false);
        Assert.DoesNotContain(o.ClientLines, l => l.Contains("EAP_IDENTITY"));
    }

    [Fact]
    public void A_fixed_EAP_identity_is_not_asked_for()
    {
        var bench = new EapBench("eap-md5") { ServerEapId = Identity.Parse("dave") };
        bench.ServerStore.Add(new SharedSecret(SecretClass.Eap, Encoding.ASCII.GetBytes(EapBench.Password), [Identity.Parse("dave")]));
        var o = bench.Run();
        Succeeds(o, "EAP_MD5", false);
        Assert.Equal("dave", o.Server.Identity!.ToString());
    }

    [Fact]
    public void The_configured_EAP_identity_is_sent()
    {
        var bench = new EapBench("eap-mschapv2") { ClientEapId = Identity.Parse("dave") };
        bench.ClientStore.Add(new SharedSecret(SecretClass.Eap, "x"u8.ToArray(), [Identity.Parse("dave")]));
        bench.ServerStore.Add(new SharedSecret(SecretClass.Eap, "x"u8.ToArray(), [Identity.Parse("dave")]));
        var o = bench.Run();
        Succeeds(o, "EAP_MSCHAPV2", true);
        Assert.Equal("dave", o.Client.Identity!.ToString());
        Assert.Equal("dave", o.Server.Identity!.ToString());
    }

    [Fact]
    public void MSCHAPv2_takes_a_stored_hash_and_leaves_the_domain_out_of_it()
    {
        var hash = Cygnet.Eap.Methods.MsChapV2.NtPasswordHash("x"u8);
        var id = Identity.Parse("CORP\\dave");
        var bench = new EapBench("eap-mschapv2") { ClientEapId = id };
        bench.ClientStore.Add(new SharedSecret(SecretClass.Eap, "x"u8.ToArray(), [id]));
        bench.ServerStore.Add(new SharedSecret(SecretClass.Ntlm, hash, [id])).Add(new SharedSecret(SecretClass.Eap, "not this"u8.ToArray(), [id]));
        Succeeds(bench.Run(), "EAP_MSCHAPV2", true);
    }

    [Fact]
    public void MSCHAPv2_authenticates_whom_the_response_names()
    {
        // The EAP identity is carol's, the password dave's: what counts afterwards is dave.
        var bench = new EapBench("eap-mschapv2") { ServerEapId = Identity.Parse("someone") };
        var o = bench.Run();
        Succeeds(o, "EAP_MSCHAPV2", true);
        Assert.Equal(bench.ClientId, o.Server.Identity);
    }

    [Fact]
    public void MSCHAPv2_gives_three_tries_each_with_a_challenge_of_its_own()
    {
        var bench = new EapBench("eap-mschapv2") { ServerStore = new() };
        var (client, server, s) = bench.After(1);
        using (client)
        using (server)
        {
            var response = client.Receive(s.Packet!).Packet!;
            List<byte[]> failures = [];
            for (var i = 0; i < 2; i++)
            {
                s = server.Next(response);
                Assert.Equal(EapOutcome.Continue, s.Outcome);
                Assert.Equal(TimeSpan.FromSeconds(2), s.Delay);
                Assert.Contains("E=691 R=1 C=", Encoding.ASCII.GetString(s.Packet!));
                failures.Add(s.Packet!);
                response = [.. response];
                response[1] = s.Packet![1];
            }
            Assert.NotEqual(failures[0][^32..], failures[1][^32..]);
            s = server.Next(response);
            Assert.Equal(EapOutcome.Failure, s.Outcome);
            Assert.Contains("EAP-MS-CHAPv2 verification failed: maximum number of retries reached", s.Lines);
        }
    }

    [Fact]
    public void MSCHAPv2_does_not_believe_a_server_that_does_not_know_the_password()
    {
        // The server's proof, flipped in one digit.
        var o = new EapBench("eap-mschapv2").Run((i, p) =>
        {
            if (i != 4) return p;
            var text = p.AsSpan().IndexOf("S="u8);
            p[text + 2] = p[text + 2] == (byte)'0' ? (byte)'1' : (byte)'0';
            return p;
        });
        Assert.Equal(EapOutcome.Failure, o.Client.Outcome);
        Assert.Contains("EAP-MS-CHAPv2 verification failed", o.ClientLines);
    }

    [Theory]
    [InlineData("md5")]
    [InlineData("mschapv2")]
    [InlineData("gtc")]
    public void Tunnels_carry_each_password_method(string inner)
    {
        foreach (var method in (string[])["eap-ttls", "eap-peap"])
        {
            var settings = new EapSettings();
            settings = settings with { Ttls = settings.Ttls with { Phase2Method = inner }, Peap = settings.Peap with { Phase2Method = inner } };
            var o = new EapBench(method) { ServerSettings = settings }.Run();
            Succeeds(o, method == "eap-ttls" ? "EAP_TTLS" : "EAP_PEAP", true);
            Assert.False(EapBench.Contains(o.Packets.Skip(2), EapBench.Client), "the identity inside the tunnel is in clear");
        }
    }

    [Theory]
    [InlineData("eap-ttls")]
    [InlineData("eap-peap")]
    public void The_server_may_begin_inside_or_want_a_certificate_instead(string method)
    {
        var settings = new EapSettings();
        foreach (var (piggyback, certificate) in ((bool, bool)[])[(true, false), (false, true), (true, true)])
        {
            var changed = settings with
            {
                Ttls = settings.Ttls with { Phase2Piggyback = piggyback, RequestPeerAuth = certificate },
                Peap = settings.Peap with { Phase2Piggyback = piggyback, RequestPeerAuth = certificate },
            };
            // PEAP without an inner method never convinces our client
            if (method == "eap-peap" && certificate) continue;
            Succeeds(new EapBench(method) { ServerSettings = changed }.Run(), method == "eap-ttls" ? "EAP_TTLS" : "EAP_PEAP", true);
        }
    }

    [Theory]
    [InlineData("eap-tls")]
    [InlineData("eap-ttls")]
    [InlineData("eap-peap")]
    public void TLS_goes_in_pieces_of_any_size_and_in_both_versions(string method)
    {
        foreach (var size in (int[])[0, 100, 333, 1024, 5000])
        {
            foreach (var version in (TlsVersion[])[TlsVersion.Tls12, TlsVersion.Tls13])
            {
                var d = new EapSettings();
                EapTlsSettings With(EapTlsSettings s) => s with { FragmentSize = size, MaxMessageCount = 200 };
                var o = new EapBench(method) { Settings = d with { TlsMaximum = version, Tls = With(d.Tls), Ttls = With(d.Ttls), Peap = With(d.Peap) } }.Run();
                Succeeds(o, $"EAP_{method[4..].ToUpperInvariant()}", true);
                Assert.True(o.Packets.Max(p => p.Length) <= Math.Max(size, 100));
                Assert.Contains(o.ClientLines, l => l.StartsWith(version == TlsVersion.Tls13 ? "negotiated TLS 1.3 using suite TLS_" : "negotiated TLS 1.2 using suite TLS_", StringComparison.Ordinal));
            }
        }
    }

    [Fact]
    public void TLS_versions_have_to_meet()
    {
        var o = new EapBench("eap-tls") { ClientSettings = new() { TlsMinimum = TlsVersion.Tls13, TlsMaximum = TlsVersion.Tls13 } }.Run();
        Assert.Equal(EapOutcome.Failure, o.Server.Outcome);
        Assert.Equal(EapOutcome.Failure, o.Client.Outcome);
        Assert.Contains("TLS with the client failed", o.Server.Reason);
    }

    [Theory]
    [InlineData(TlsVersion.Tls12)]
    [InlineData(TlsVersion.Tls13)]
    public void EAP_TLS_needs_a_trusted_client_certificate_of_that_name(TlsVersion version)
    {
        foreach (var name in (string[])["dave@example.org", EapBench.Client])
        {
            var bench = new EapBench("eap-tls") { Settings = new() { TlsMaximum = version }, ClientStore = new() };
            var stranger = (name == EapBench.Client ? EapBench.OtherCa : EapBench.Ca).Leaf("x", TestAuthority.Names(b => b.AddEmailAddress(name)));
            bench.ClientStore.Add(EapBench.Ca.Certificate).Add(stranger.Certificate).Add(SoftwareKey.FromPkcs8(stranger.Pkcs8));
            // It shows whatever it has.
            var client = new EapPeer(new(new AuthRound { Class = AuthClass.Eap, Method = "eap-tls", Certificates = [stranger.Certificate.Raw] }, new AuthRound(), bench.ClientId,
                Identity.Parse(EapBench.Server), new(bench.ClientStore.Build(), new SystemCrypto(), new SystemRandom(), bench.Now, bench.ClientSettings)));
            using var server = bench.NewServer();
            var s = server.First();
            EapStep c;
            while (true)
            {
                c = client.Receive(s.Packet!);
                if (c.Outcome != EapOutcome.Continue || s.Outcome != EapOutcome.Continue) break;
                s = server.Next(c.Packet!);
            }
            Assert.Equal(EapOutcome.Failure, s.Outcome);
            Assert.Equal(EapOutcome.Failure, c.Outcome);
        }
    }

    [Theory]
    [InlineData("eap-sim")]
    [InlineData("eap-aka")]
    public void SIM_and_AKA_take_the_identity_inside_or_the_one_before(string method)
    {
        foreach (var asks in (bool[])[true, false])
        {
            var o = new EapBench(method) { ServerSettings = new() { SimRequestIdentity = asks, AkaRequestIdentity = asks } }.Run();
            Succeeds(o, method == "eap-sim" ? "EAP_SIM" : "EAP_AKA", true);
        }
    }

    [Fact]
    public void SIM_needs_the_same_triplets_at_both_ends()
    {
        var bench = new EapBench("eap-sim") { ClientStore = new() };
        IsRefused(bench.Run(), "the client gives up");
        bench = new("eap-sim") { ServerStore = new() };
        bench.ServerStore.Add(new SharedSecret(SecretClass.SimTriplet, new byte[28], [bench.ClientId]));
        IsRefused(bench.Run(), "fewer than 2 triplets");
    }

    [Fact]
    public void AKA_needs_the_same_key_at_both_ends()
    {
        var bench = new EapBench("eap-aka") { ClientStore = new() };
        bench.ClientStore.Add(new SharedSecret(SecretClass.Eap, new byte[16], []));
        var o = bench.Run();
        IsRefused(o, "does not accept our challenge");
        Assert.Contains("received MAC does not match XMAC", o.ClientLines);
        bench = new("eap-aka") { ServerStore = new() };
        bench.ServerStore.Add(new SharedSecret(SecretClass.Eap, "password"u8.ToArray(), []));
        IsRefused(bench.Run(), "16 or 32 byte long binary value");
    }

    [Fact]
    public void AKA_resynchronizes_once_when_the_clients_clock_is_ahead()
    {
        var check = new EapSettings { AkaSeqCheck = true };
        Succeeds(new EapBench("eap-aka") { ClientSettings = check, ClientNow = TestAuthority.Now.AddMinutes(2) }.Run(), "EAP_AKA", true);
        var o = new EapBench("eap-aka") { ClientSettings = check, ClientNow = TestAuthority.Now.AddMinutes(10) }.Run();
        Succeeds(o, "EAP_AKA", true);
        Assert.Contains("received SQN invalid, sending AKA_SYNCHRONIZATION_FAILURE", o.ClientLines);
        Assert.Contains("received synchronization request, retrying...", o.ServerLines);
    }

    [Fact]
    public void A_notification_is_answered_and_written_without_control_characters()
    {
        using var client = new EapBench("eap-md5").NewClient();
        var step = client.Receive(EapPacket.Request(7, EapType.Notification, "Hello\x1b[2J\n"u8));
        Assert.Equal([2, 7, 0, 5, 2], step.Packet);
        Assert.Contains("received EAP_NOTIFICATION: 'Hello?[2J?'", step.Lines);
    }

    [Fact]
    public void EAP_only_takes_no_method_that_leaves_the_server_unknown()
    {
        foreach (var method in EapBench.Methods)
        {
            var o = new EapBench(method) { IsServerAuthenticated = false }.Run();
            var isMutual = method is not ("eap-md5" or "eap-mschapv2" or "eap-gtc");
            Assert.Equal(isMutual ? EapOutcome.Success : EapOutcome.Failure, o.Client.Outcome);
            if (isMutual) Assert.True(o.Client.IsMutual && o.Server.IsMutual);
            else Assert.Contains(o.ClientLines, l => l.StartsWith("EAP-only authentication requires a mutual and MSK deriving EAP method, but EAP_", StringComparison.Ordinal));
            Assert.False(EapBench.Contains(o.Packets, EapBench.Password));
        }
    }

    [Fact]
    public void Radius_stands_behind_its_word_only_if_there_is_one()
    {
        var bench = new EapBench("eap-radius");
        var o = bench.NewServer().First();
        Assert.Equal(EapOutcome.Failure, o.Outcome);
        Assert.Contains("RADIUS", o.Reason);
        IEapServer? made = null;
        var context = new EapServerContext(new AuthRound { Method = "eap-radius" }, new(), Identity.Any, Identity.Any,
            new(CredentialStore.Empty, new SystemCrypto(), new SystemRandom(), bench.Now, new())) { Radius = c => made = new EapServer(c) };
        Assert.Same(EapServers.Create(context), made);
        Assert.NotNull(made);
    }
}
