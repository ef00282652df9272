// From a line of ipsec.secrets that names a file to VICI requests: private keys, and what PKCS#12 containers hold. ipsec.secrets(5).
using System.Security.Cryptography;
using Cygnet.Control;
using Cygnet.Crypto;
using Cygnet.Pki;

namespace Cygnet.Config;

/// <summary>
/// Files are opened and checked here, so that the daemon refuses nothing: a key that cannot be had is complained about and left out.
/// Without somebody to ask, entries with %prompt are passed over: <c>ipsec rereadsecrets</c> asks.
/// </summary>
sealed class KeyLowering(LoadPlan plan, IFileSource files, IpsecDirectories directories, PassphraseDialogue? dialogue, Func<ViciSection, string?>? checkToken)
{
    public void KeyFile(Secret secret)
    {
        if (secret.AsksForPassphrase && dialogue is null) return;
        var path = ConfigPath.In(directories.Private, secret.File);
        var reason = "the file cannot be read";
        byte[]? pkcs8 = null;
        if (files.ReadAllBytes(path) is { } bytes)
            pkcs8 = secret.AsksForPassphrase && PrivateKeyFile.WantsPassphrase(bytes)
                ? dialogue!.Open("Private key", path, p => PrivateKeyFile.Read(bytes, [p], out reason))
                : PrivateKeyFile.Read(bytes, secret.Passphrases, out reason);
        if (pkcs8 is null || !Key(pkcs8, secret, path, out reason))
            plan.ErrorList.Add(new($"  loading private key from '{path}' failed", secret.At, $"'{secret.File}': {reason}") { IsEntryOnly = true });
    }

    public void Container(Secret secret)
    {
        if (secret.AsksForPassphrase && dialogue is null) return;
        var path = ConfigPath.In(directories.Private, secret.File);
        var reason = "the file cannot be read";
        Pkcs12File? content = null;
        if (files.ReadAllBytes(path) is { } bytes)
            content = secret.AsksForPassphrase && Pkcs12File.WantsPassphrase(bytes)
                ? dialogue!.Open("PKCS#12 file", path, p => Pkcs12File.Read(bytes, [p], out reason))
                : Pkcs12File.Read(bytes, secret.Passphrases, out reason);
        if (content is null)
        {
            plan.ErrorList.Add(new($"  loading credentials from '{path}' failed", secret.At, $"'{secret.File}': {reason}") { IsEntryOnly = true });
            return;
        }
        foreach (var der in content.Certificates)
        {
            if (Certificate.TryParse(der, out reason) is not { } certificate)
            {
                plan.ErrorList.Add(new($"  loading certificate from '{path}' failed", secret.At, $"'{secret.File}': {reason}") { IsEntryOnly = true });
                continue;
            }
            plan.LogList.Add($"  loaded {(certificate.IsCa ? "ca " : "")}certificate \"{certificate.Subject}\" from '{path}'");
            plan.CredentialList.Add(new("load-cert", new ViciSection().Add("type", "X509").Add("flag", certificate.IsCa ? "CA" : "NONE").Add("data", der), $"{path}: {certificate.Subject}"));
        }
        foreach (var key in content.Keys)
            if (!Key(key, secret, path, out reason))
                plan.ErrorList.Add(new($"  loading private key from '{path}' failed", secret.At, $"'{secret.File}': {reason}") { IsEntryOnly = true });
    }

    /// <summary>A key on a token: the daemon has it, and only says whether it can use it.</summary>
    public void Token(Secret secret)
    {
        if (secret.AsksForPassphrase && dialogue is null) return;
        var message = SmartcardName.Parse(secret.File)!.AddTo(new ViciSection());
        if ((secret.AsksForPassphrase ? dialogue!.Pin(secret.File) : secret.Passphrases[0]) is { } pin) message.Add("pin", pin);
        message.Add("x-source", Lowering.SecretsSource).Add("x-path", secret.File);
        if (checkToken?.Invoke(message) is { } reason)
        {
            if (secret.AsksForPassphrase) dialogue!.RefusePin();
            plan.ErrorList.Add(new($"  loading private key from {secret.File} failed", secret.At, reason) { IsEntryOnly = true });
            return;
        }
        plan.CredentialList.Add(new("load-token", message, secret.File));
    }

    // The reference takes Ed25519 and Ed448 under every keyword, but no ECDSA key for an RSA one.
    bool Key(byte[] pkcs8, Secret secret, string path, out string reason)
    {
        var type = secret.Kind switch { SecretKind.Rsa => "rsa", SecretKind.Ecdsa => "ecdsa", _ => "any" };
        if (SoftwareKey.FromDer(pkcs8, out var why) is not { } key)
        {
            CryptographicOperations.ZeroMemory(pkcs8);
            reason = why!;
            return false;
        }
        using (key)
        {
            reason = $"it holds a key of type {key.Public.Kind.ToString().ToUpperInvariant()}; PKCS8 in place of {secret.Kind.ToString().ToUpperInvariant()} takes any";
            if (key.Public.Kind is KeyKind.Ed25519 or KeyKind.Ed448) type = "any";
            if (type != "any" && !type.Equals(key.Public.Kind.ToString(), StringComparison.OrdinalIgnoreCase)) return false;
            plan.LogList.Add($"  loaded {key.Public.Kind.ToString().ToUpperInvariant()} private key from '{path}'");
            plan.CredentialList.Add(new("load-key", new ViciSection().Add("type", type).Add("data", pkcs8).Add("x-source", Lowering.SecretsSource).Add("x-path", path), $"{path}: {Convert.ToHexStringLower(key.Public.KeyId)}"));
            return true;
        }
    }
}
