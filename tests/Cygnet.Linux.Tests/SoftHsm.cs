// A token in software: SoftHSM with objects that openssl and pkcs11-tool make.
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Cygnet.Linux.Tests;

/// <summary>One token store for the process: the library reads its configuration once, when it is initialized.</summary>
public sealed partial class SoftHsm : IDisposable
{
    public const string Library = "/usr/lib/softhsm/libsofthsm2.so", Pin = "1234";

    readonly string _directory = Directory.CreateTempSubdirectory("softhsm").FullName;

    public SoftHsm()
    {
        if (WhyNot is not null) return;
        Directory.CreateDirectory($"{_directory}/tokens");
        File.WriteAllText($"{_directory}/softhsm2.conf", $"directories.tokendir = {_directory}/tokens\nobjectstore.backend = file\nlog.level = ERROR\n");
        // .NET keeps its own copy of the environment, which libraries do not see.
        Assert.Equal(0, SetEnvironment("SOFTHSM2_CONF", $"{_directory}/softhsm2.conf", 1));
        Run("softhsm2-util --init-token --free --label empty --pin 9999 --so-pin 5678");
        Run($"softhsm2-util --init-token --free --label cygnet --pin {Pin} --so-pin 5678");
        foreach (var (id, algorithm) in new[] { ("50", "RSA -pkeyopt rsa_keygen_bits:2048"), ("51", "EC -pkeyopt ec_paramgen_curve:P-256"), ("52", "EC -pkeyopt ec_paramgen_curve:P-384"), ("53", "EC -pkeyopt ec_paramgen_curve:P-521") })
        {
            Run($"openssl genpkey -algorithm {algorithm} -out {id}.pem && openssl pkey -in {id}.pem -pubout -outform der -out {id}.pub");
            Run($"softhsm2-util --import {id}.pem --token cygnet --label key{id} --id {id} --pin {Pin}");
        }
        Run("openssl req -x509 -new -key 50.pem -subj /CN=card -days 3650 -outform der -out 50.der");
        Run($"pkcs11-tool --module {Library} --token-label cygnet --login --pin {Pin} --write-object 50.der --type cert --id 50 --label cert50");
        // A subject key identifier that is no hash of the key, under a CKA_ID that is neither.
        Run("openssl genrsa -out 54.pem 2048 && openssl req -x509 -new -key 54.pem -subj /CN=named -set_serial 0x1234567 -addext subjectKeyIdentifier=aabbccdd -outform der -out 54.der");
        Run($"softhsm2-util --import 54.pem --token cygnet --label key54 --id 54 --pin {Pin}");
        Run($"pkcs11-tool --module {Library} --token-label cygnet --login --pin {Pin} --write-object 54.der --type cert --id 54 --label cert54");
    }

    public static string? WhyNot => File.Exists(Library) && File.Exists("/usr/bin/softhsm2-util") && File.Exists("/usr/bin/pkcs11-tool") ? null : "needs softhsm2 and opensc";

    public byte[] this[string file] => File.ReadAllBytes($"{_directory}/{file}");

    public void Run(string command)
    {
        using var process = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", command])
        {
            WorkingDirectory = _directory, RedirectStandardError = true, RedirectStandardOutput = true, Environment = { ["SOFTHSM2_CONF"] = $"{_directory}/softhsm2.conf" },
        })!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{command}: {error}{output.Result}");
    }

    public void Dispose() => Directory.Delete(_directory, true);

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetEnvironment(string name, string value, int overwrite);
}

/// <summary>As <see cref="SoftHsmFactAttribute"/>, for several cases.</summary>
[AttributeUsage(AttributeTargets.Method)]
sealed class SoftHsmTheoryAttribute : TheoryAttribute
{
    public SoftHsmTheoryAttribute() => Skip = SoftHsm.WhyNot;
}

/// <summary>Skipped, by name, where there is no software token.</summary>
[AttributeUsage(AttributeTargets.Method)]
sealed class SoftHsmFactAttribute : FactAttribute
{
    public SoftHsmFactAttribute() => Skip = SoftHsm.WhyNot;
}
