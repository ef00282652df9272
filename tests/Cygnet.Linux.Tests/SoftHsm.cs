// A token in software: SoftHSM with objects that openssl and pkcs11-tool make. Compiled into every test project that has use for one.
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Cygnet.Linux.Tests;

/// <summary>One token store for the process: the library reads its configuration once, when it is initialized. Empty where there is no SoftHSM.</summary>
public abstract partial class SoftHsm : IDisposable
{
    public const string Library = "/usr/lib/softhsm/libsofthsm2.so", Pin = "1234";

    readonly string _directory = Directory.CreateTempSubdirectory("softhsm").FullName;

    protected SoftHsm()
    {
        Directory.CreateDirectory($"{_directory}/tokens");
        File.WriteAllText(PathOf("softhsm2.conf"), $"directories.tokendir = {_directory}/tokens\nobjectstore.backend = file\nlog.level = ERROR\n");
        // .NET keeps its own copy of the environment, which libraries do not see; programs that a test starts get it from that copy.
        Assert.Equal(0, SetEnvironment("SOFTHSM2_CONF", PathOf("softhsm2.conf"), 1));
        Environment.SetEnvironmentVariable("SOFTHSM2_CONF", PathOf("softhsm2.conf"));
    }

    public static string? WhyNot => File.Exists(Library) && File.Exists("/usr/bin/softhsm2-util") && File.Exists("/usr/bin/pkcs11-tool") ? null : "needs softhsm2 and opensc";

    public string PathOf(string file) => $"{_directory}/{file}";

    /// <summary>Makes a token.</summary>
    protected void Token(string label, string pin = Pin) => Run($"softhsm2-util --init-token --free --label {label} --pin {pin} --so-pin 5678");

    /// <summary>Makes a key, in ID.pem and on the token.</summary>
    /// <param name="token">The token's label.</param>
    /// <param name="id">The object's id, in hexadecimal.</param>
    /// <param name="algorithm">What openssl genpkey takes after -algorithm.</param>
    protected void Key(string token, string id, string algorithm) =>
        Run($"openssl genpkey -algorithm {algorithm} -out {id}.pem && softhsm2-util --import {id}.pem --token {token} --label key{id} --id {id} --pin {Pin}");

    /// <summary>Makes a certificate of a key that is there, in ID.der and on the token.</summary>
    /// <param name="token">The token's label.</param>
    /// <param name="id">The id of both.</param>
    /// <param name="subject">As openssl's -subj takes it.</param>
    /// <param name="more">What openssl req takes besides.</param>
    protected void Certificate(string token, string id, string subject, string more = "") =>
        Run($"openssl req -x509 -new -key {id}.pem -subj {subject} {more} -days 3650 -outform der -out {id}.der && " +
            $"pkcs11-tool --module {Library} --token-label {token} --login --pin {Pin} --write-object {id}.der --type cert --id {id} --label cert{id}");

    /// <summary>Runs a shell's command in the folder of the store.</summary>
    public void Run(string command)
    {
        using var process = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", command]) { WorkingDirectory = _directory, RedirectStandardError = true, RedirectStandardOutput = true })!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{command}: {error}{output.Result}");
    }

    public void Dispose()
    {
        Directory.Delete(_directory, true);
        GC.SuppressFinalize(this);
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetEnvironment(string name, string value, int overwrite);
}

/// <summary>Skipped, by name, where there is no software token.</summary>
[AttributeUsage(AttributeTargets.Method)]
sealed class SoftHsmFactAttribute : FactAttribute
{
    public SoftHsmFactAttribute() => Skip = SoftHsm.WhyNot;
}

/// <summary>The same with cases.</summary>
[AttributeUsage(AttributeTargets.Method)]
sealed class SoftHsmTheoryAttribute : TheoryAttribute
{
    public SoftHsmTheoryAttribute() => Skip = SoftHsm.WhyNot;
}
