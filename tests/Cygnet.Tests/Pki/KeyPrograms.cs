// Runs openssl and the reference's pki in a directory of their own, for files as others write them.
using System.Diagnostics;

namespace Cygnet.Tests.Pki;

sealed class KeyPrograms : IDisposable
{
    readonly string _directory = Directory.CreateTempSubdirectory("keys").FullName;

    public void Dispose() => Directory.Delete(_directory, true);

    public byte[] this[string name]
    {
        get => File.ReadAllBytes($"{_directory}/{name}");
        set => File.WriteAllBytes($"{_directory}/{name}", value);
    }

    /// <summary>Runs a shell command, which must succeed; false if it says that the machine's OpenSSL has no such algorithm.</summary>
    public bool Run(string command)
    {
        using var process = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", command]) { WorkingDirectory = _directory, RedirectStandardError = true, RedirectStandardOutput = true })!;
        var output = process.StandardOutput.ReadToEndAsync();
        var text = process.StandardError.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0 && (text.Contains("unsupported", StringComparison.Ordinal) || text.Contains("Unknown", StringComparison.Ordinal))) return false;
        Assert.True(process.ExitCode == 0, $"{command}: {text}{output.Result}");
        return true;
    }

    public static bool Has(string program) => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(d => File.Exists($"{d}/{program}"));
}

/// <summary>Skipped, by name, where a program is missing.</summary>
[AttributeUsage(AttributeTargets.Method)]
sealed class ProgramTheoryAttribute : TheoryAttribute
{
    public ProgramTheoryAttribute(string program) => Skip = KeyPrograms.Has(program) ? null! : $"{program} is not installed";
}
