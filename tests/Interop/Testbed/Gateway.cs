// A host that runs an IPsec product from plain configuration files.
using System.Text.RegularExpressions;

namespace Cygnet.Interop.Testbed;

/// <summary>A gateway: its files, its daemon, and the commands a person would type on it.</summary>
public sealed partial class Gateway
{
    static readonly string[] SecretFolders = ["private"];
    static readonly string[] Folders = ["aacerts", "acerts", "cacerts", "certs", "crls", "ocspcerts", "policies", "reqs", .. SecretFolders];

    // What the scenes need, in the order that Debian's own configuration comes to, so that a benchmark is fair to it;
    // a fixed list starts faster and does the same everywhere.
    const string Plugins = "aesni aes sha2 sha1 mgf1 random nonce x509 revocation constraints pubkey pkcs1 pem openssl pkcs8 curve25519 chapoly hmac kdf ctr ccm gcm attr resolve curl stroke vici updown eap-identity eap-mschapv2 eap-md5 eap-gtc eap-tls eap-ttls eap-radius xauth-generic socket-default counters";

    readonly string etc;
    string addressingAtStart = "";

    internal Gateway(Host host, Product product)
    {
        Host = host;
        Product = product;
        etc = Path.Combine(host.Folder, "etc");
        foreach (var folder in Folders)
            Directory.CreateDirectory(Path.Combine(etc, "ipsec.d", folder));
        Directory.CreateDirectory(Path.Combine(etc, "swanctl"));
        Write("ipsec.conf", "config setup\n");
        Write("ipsec.secrets", "");
        Settings("");
        if (product == Product.Cygnet)
        {
            host.Bind(etc, Path.Combine(InstalledTree.Prefix, "etc"));
            host.Bind("/run", Path.Combine(InstalledTree.Prefix, "var", "run"));
            host.ExtraPath = Path.Combine(InstalledTree.Prefix, "sbin");
        }
        else
            foreach (var name in (ReadOnlySpan<string>)["ipsec.conf", "ipsec.secrets", "ipsec.d", "strongswan.conf", "swanctl"])
                host.Bind(Path.Combine(etc, name), "/etc/" + name);
    }

    public Host Host { get; }

    public Product Product { get; }

    public string Name => Host.Name;

    /// <summary>Words before `ipsec start`: what it is run by.</summary>
    public string[] Through { get; set; } = [];

    /// <summary>The daemon's own log.</summary>
    public string Log => File.Exists(LogFile) ? File.ReadAllText(LogFile) : "";

    string LogFile => Path.Combine(Host.Folder, "charon.log");

    /// <summary>Writes a file under the gateway's /etc, in place, so that a bound file stays bound.</summary>
    public void Write(string name, string text)
    {
        var path = Path.Combine(etc, name);
        File.WriteAllText(path, text);
        if (name == "ipsec.secrets" || SecretFolders.Any(folder => name.Contains($"/{folder}/")))
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    /// <summary>A file that is no text.</summary>
    public void Write(string name, byte[] content) => File.WriteAllBytes(Path.Combine(etc, name), content);

    /// <summary>Removes a file under the gateway's /etc.</summary>
    public void Remove(string name) => File.Delete(Path.Combine(etc, name));

    /// <summary>Where a file of the gateway's /etc lies on this machine.</summary>
    public string PathOf(string name) => Path.Combine(etc, name);

    public void Configure(string ipsecConf, string secrets)
    {
        Write("ipsec.conf", ipsecConf);
        Write("ipsec.secrets", secrets);
    }

    /// <summary>Writes strongswan.conf with these lines more inside its charon section, and more plugins for the reference.</summary>
    public void Settings(string lines, string plugins = "")
    {
        var load = Product switch
        {
            Product.StrongSwan => $"load = {Plugins} {plugins} kernel-libipsec kernel-netlink",
            Product.StrongSwanKernel => $"load = {Plugins} {plugins} kernel-netlink",
            _ => "data_plane = tun",
        };
        Write("strongswan.conf", $$"""
            charon {
                {{load}}
                filelog {
                    log {
                        path = {{LogFile}}
                        time_format = %b %e %T
                        default = 1
                        flush_line = yes
                    }
                }
                syslog {
                    daemon { default = -1 }
                    auth { default = -1 }
                }
                {{lines}}
            }

            """);
    }

    /// <summary>Starts the daemon and waits until it answers and lists every connection of ipsec.conf.</summary>
    public Gateway Start()
    {
        var started = Host.Run([.. Through, "ipsec", "start"]).ShouldSucceed();
        var conf = File.ReadAllText(Path.Combine(etc, "ipsec.conf"));
        string[] names = [.. ConnName().Matches(conf).Select(m => m.Groups[1].Value).Where(name => name != "%default")];
        try
        {
            Wait.Until($"ipsec on {Name} answers and has loaded {string.Join(", ", names)}",
                () => Host.Run("ipsec", "statusall") is { ExitCode: 0 } all && names.All(name => all.Output.Contains($" {name}: ")));
        }
        catch (BedFailure e)
        {
            throw new BedFailure($"{e.Message}\nipsec start said: {started.Text}", e);
        }
        // What a daemon took that was killed stays blocked a little longer.
        Wait.Until($"{Name} is rid of the daemon before", () => Log.Split("took is blocked").Length == Log.Split("the block is lifted").Length, 60);
        addressingAtStart = Host.Addressing();
        return this;
    }

    public Ran Up(string connection) => Host.Run("ipsec", "up", connection);

    public Ran Down(string connection) => Host.Run("ipsec", "down", connection);

    public Ran Status() => Host.Run("ipsec", "status").ShouldSucceed();

    public Ran StatusAll() => Host.Run("ipsec", "statusall").ShouldSucceed();

    public void Stop() => Host.Run("ipsec", "stop");

    /// <summary>The SAs that the daemon says it has.</summary>
    public SaList Sas() => SaList.Parse(StatusAll().Output);

    /// <summary>Pings from one inner address to another, through whatever the routes say.</summary>
    public Ran Ping(string from, string to, int count = 3) =>
        Host.Run("ping", from.Contains(':') ? "-6" : "-4", "-c", $"{count}", "-i", "0.2", "-W", "2", "-I", from, to);

    /// <summary>The process id of charon as its PID file has it; empty if there is none.</summary>
    public string CharonInside => Host.Shell("cat /run/charon.pid 2>/dev/null").Output.Trim();

    /// <summary>The process id of charon, as this machine sees it.</summary>
    public int CharonPid()
    {
        var inside = Host.Run("cat", "/run/charon.pid").ShouldSucceed().Output.Trim();
        foreach (var process in Directory.EnumerateDirectories("/proc"))
            if (int.TryParse(Path.GetFileName(process), out var pid) && NsPid(pid) is { } ids && ids[^1] == inside && IsOurs(pid))
                return pid;
        throw new BedFailure($"no process {inside} on {Name}");
    }

    /// <summary>Nothing of any tunnel is left: no SA, and addresses, routes and policies as they were after start.</summary>
    public void ShouldBeClean()
    {
        Wait.Until($"{Name} has no SA", () => Sas() is { Ike.Count: 0, Children.Count: 0 });
        Wait.Until($"{Name} counts no SA", () => Status().Output.Contains("Security Associations (0 up, 0 connecting):"), 5);
        string[] before = addressingAtStart.Split('\n'), now = Host.Addressing().Split('\n');
        if (!now.SequenceEqual(before))
            throw new BedFailure($"{Name} does not look as it did after start.\nMore now:\n{string.Join('\n', now.Except(before))}\nLess now:\n{string.Join('\n', before.Except(now))}");
    }

    public void ShouldHaveLogged(string words, double seconds = 5) =>
        Wait.Until($"{Name} logs '{words}'", () => Log.Contains(words), seconds);

    /// <summary>Whether it logs that; the log of either product is behind what it has done.</summary>
    public void ShouldHaveLoggedIf(bool does, string words)
    {
        if (does) ShouldHaveLogged(words);
        else if (Log.Contains(words)) throw new BedFailure($"{Name} logs '{words}'");
    }

    bool IsOurs(int pid)
    {
        try
        {
            return File.ResolveLinkTarget($"/proc/{pid}/ns/net", false)?.Name == File.ResolveLinkTarget($"/proc/{Host.Pid}/ns/net", false)?.Name;
        }
        catch (IOException)
        {
            return false;
        }
    }

    static string[]? NsPid(int pid)
    {
        try
        {
            return NsPidLine().Match(File.ReadAllText($"/proc/{pid}/status")) is { Success: true } m ? m.Groups[1].Value.Split('\t') : null;
        }
        catch (IOException)
        {
            return null;
        }
    }

    [GeneratedRegex(@"^conn\s+(\S+)", RegexOptions.Multiline)]
    private static partial Regex ConnName();

    [GeneratedRegex(@"^NSpid:\t(.*)$", RegexOptions.Multiline)]
    private static partial Regex NsPidLine();
}
