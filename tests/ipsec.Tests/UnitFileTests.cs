// The units of systemd: what its own checker says of them, and that they fit what is installed.
using System.Diagnostics;

namespace Cygnet.Command.Tests;

public sealed class UnitFileTests
{
    static readonly string _units = Path.Combine(Repository(), "packaging", "systemd");

    static string Repository()
    {
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
            if (File.Exists(Path.Combine(at.FullName, "Cygnet.slnx"))) return at.FullName;
        throw new DirectoryNotFoundException("the repository");
    }

    [AnalyzeFact]
    public void Systemd_finds_nothing_wrong()
    {
        var folder = Directory.CreateTempSubdirectory("units").FullName;
        try
        {
            string[] names = ["cygnet.service", "cygnet-swanctl.service"];
            // The checker wants the programs to be there; where, is the installation's business.
            foreach (var name in names)
                File.WriteAllText(Path.Combine(folder, name), string.Join('\n', File.ReadLines(Path.Combine(_units, name)).Select(l => l.StartsWith("Exec", StringComparison.Ordinal) ? l.Split('=')[0] + "=/bin/true " + l.Split(' ', 2).ElementAtOrDefault(1) : l)) + "\n");
            var (exitCode, text) = Verify([.. names.Select(n => Path.Combine(folder, n))]);
            // Other units of the machine are read along, and are not ours.
            string[] complaints = [.. text.Split('\n').Where(l => l.Contains("cygnet", StringComparison.Ordinal) && !l.Contains("man page", StringComparison.OrdinalIgnoreCase) && !l.Contains("Command 'man", StringComparison.Ordinal))];
            Assert.True(complaints.Length == 0, text);
            Assert.True(exitCode == 0, text);

            // It can find something.
            File.AppendAllText(Path.Combine(folder, names[0]), "[Service]\nRestrictAdressFamilies=AF_UNIX\n");
            Assert.Contains("RestrictAdressFamilies", Verify([Path.Combine(folder, names[0])]).Text);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    static (int ExitCode, string Text) Verify(string[] units)
    {
        using var process = Process.Start(new ProcessStartInfo("systemd-analyze", ["verify", "--man=no", .. units]) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        var (error, output) = (process.StandardError.ReadToEndAsync(), process.StandardOutput.ReadToEndAsync());
        Assert.True(process.WaitForExit(TimeSpan.FromMinutes(2)));
        return (process.ExitCode, error.Result + output.Result);
    }

    [Theory]
    [InlineData("cygnet.service", "ipsec.service strongswan-starter.service", "ExecStart=/usr/sbin/ipsec start --nofork")]
    [InlineData("cygnet-swanctl.service", "strongswan.service", "ExecStart=/usr/libexec/ipsec/charon")]
    public void They_take_the_place_of_the_references(string name, string replaces, string starts)
    {
        var lines = File.ReadAllLines(Path.Combine(_units, name));
        foreach (var other in replaces.Split(' ')) Assert.Equal(name, new FileInfo(Path.Combine(_units, other)).LinkTarget);
        // Links that 'systemctl enable' makes for Alias= would stay when the unit goes.
        Assert.DoesNotContain(lines, l => l.StartsWith("Alias=", StringComparison.Ordinal));
        Assert.Contains(starts, lines);
        foreach (var line in (string[])["Type=notify", "NotifyAccess=main", "KillMode=mixed", "NoNewPrivileges=yes", "DeviceAllow=/dev/net/tun rw"]) Assert.Contains(line, lines);
        // What takes the daemon's means away: TUN devices are set up through /proc/sys, and the runtime compiles.
        Assert.DoesNotContain(lines, l => l.StartsWith("ProtectKernelTunables=y", StringComparison.Ordinal) || l.StartsWith("MemoryDenyWriteExecute=y", StringComparison.Ordinal));
    }
}

/// <summary>A fact that needs systemd's checker.</summary>
sealed class AnalyzeFactAttribute : FactAttribute
{
    public AnalyzeFactAttribute()
    {
        if (!(Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(d => File.Exists(Path.Combine(d, "systemd-analyze")))) Skip = "needs systemd-analyze";
    }
}
