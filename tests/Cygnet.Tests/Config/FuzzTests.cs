// Whatever a configuration file holds, its parsers end, and end without an exception. The seed of a failure stands in the message.
using System.Text;
using Cygnet.Config;
using Cygnet.Control;

namespace Cygnet.Tests.Config;

public sealed class FuzzTests
{
    const int Seeds = 600;

    static readonly string[] _pieces =
        ["=", "\"", "#", "\n", "\n\n", " ", "\t", "\\", "\\\n", "{", "}", ":", " : ", ",", "!", "-", "%", "%default", "also=%default", "also=", "include *\n", "include \"", "conn ", "ca ", "config setup\n",
        "[", "]", "/", "0x", "0s", "99999999999999999999", "-1", "@#", "'", "\0", "é", "\ud83d\ude00", "yes", "no", "%any", ": PSK ", ": RSA ", "a : b {"];

    static string Mutate(string text, Random random)
    {
        var s = new StringBuilder(text);
        for (var n = random.Next(1, 8); n > 0; n--)
        {
            var at = random.Next(s.Length + 1);
            switch (random.Next(5))
            {
                case 0: s.Insert(at, _pieces[random.Next(_pieces.Length)]); break;
                case 1: s.Remove(at, Math.Min(random.Next(1, 40), s.Length - at)); break;
                case 2: s.Insert(at, s.ToString(at, Math.Min(random.Next(1, 200), s.Length - at))); break;
                case 3 when at < s.Length: s[at] = (char)random.Next(1, 128); break;
                default: s.Length = at > text.Length / 2 ? at : s.Length; break;
            }
        }
        return s.ToString();
    }

    static void Try(int seed, string text, Action run)
    {
        try
        {
            run();
        }
        catch (Exception e)
        {
            Assert.Fail($"seed {seed}: {e}\n{text}");
        }
    }

    [Fact]
    public void Ipsec_conf()
    {
        for (var seed = 0; seed < Seeds; seed++)
        {
            var text = Mutate(seed % 2 == 0 ? SampleConfigurations.Moon : SampleConfigurations.Sun, new Random(seed));
            Try(seed, text, () =>
            {
                var files = MemoryFiles.With("/etc/ipsec.conf", text);
                var plan = Lowering.Plan(ConfCheck.Of(StrongSwanConf.Parse("/etc/ipsec.conf", files)), IpsecSecrets.Parse("/none", files), files, new("/etc/ipsec.d"), _ => false);
                foreach (var error in plan.Errors) Assert.NotEmpty(error.Lines);
                if (plan.IsFatal) Assert.Empty(plan.Connections);
                // What the client sends, the daemon takes: all checks are made before.
                foreach (var c in plan.Connections)
                    Assert.True(LoadConn.TryParse(c.Name, c.Message.Sections.Single(), out _, out var error), error);
            });
        }
    }

    [Fact]
    public void Ipsec_secrets()
    {
        const string Text = "# secrets\n@moon @sun : PSK \"abc def\"\n192.0.2.1 %any : PSK 0x0102\n\"C=CH, O=x\" : PSK 0sAQID\n: RSA moon.pem \"pass\"\n: PKCS8 'k.der' %prompt\n: PIN %smartcard1@lib:50 1234\ncarol : EAP x\ninclude more/*.secrets\n";
        for (var seed = 0; seed < Seeds; seed++)
        {
            var text = Mutate(Text, new Random(seed));
            Try(seed, text, () => IpsecSecrets.Parse("/etc/ipsec.secrets", MemoryFiles.With("/etc/ipsec.secrets", text)));
        }
    }

    [Fact]
    public void Strongswan_conf()
    {
        const string Text = "charon {\n load_modular = yes\n plugins { include strongswan.d/*.conf }\n filelog { main { path = /var/log/x # y\n default = 1 } }\n port = \"500\"\n}\nother : charon, charon.plugins { a = b }\ninclude *.conf\n";
        for (var seed = 0; seed < Seeds; seed++)
        {
            var text = Mutate(Text, new Random(seed));
            Try(seed, text, () =>
            {
                var settings = StrongswanSettings.Parse("/etc/strongswan.conf", MemoryFiles.With("/etc/strongswan.conf", text));
                CharonSettings.Read(settings);
                CharonSettings.Read(settings, "other");
                settings.Sections("other");
                settings.Unasked("charon");
            });
        }
    }

    [Fact]
    public void Load_conn()
    {
        var files = MemoryFiles.With("/etc/ipsec.conf", SampleConfigurations.Moon);
        var plan = Lowering.Plan(ConfCheck.Of(StrongSwanConf.Parse("/etc/ipsec.conf", files)), IpsecSecrets.Parse("/none", files), files, new("/etc/ipsec.d"), _ => false);
        var encoded = Vici.Encode(plan.Connections[0].Message, out _)!;
        var accepted = 0;
        var alike = new LoadedAlike();
        for (var seed = 0; seed < 4 * Seeds; seed++)
        {
            var random = new Random(seed);
            byte[] bytes = [.. encoded];
            for (var n = random.Next(1, 4); n > 0; n--) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            Try(seed, Convert.ToHexString(bytes), () =>
            {
                var message = new ViciSection();
                Vici.TryDecode(bytes, message);
                foreach (var section in message.Sections)
                {
                    if (LoadConn.TryParse(section.Name, section, out var connection, out var error)) accepted++;
                    else Assert.NotEmpty(error);
                    LoadConn.TryParse(section.Name, section, out var again, out var otherwise, alike);
                    Assert.Equal((connection, error), (again, otherwise));
                }
            });
        }
        // Some changes hit a name or a number that may be another: else nothing deep was reached.
        Assert.True(accepted > 0);
    }
}
