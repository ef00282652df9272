// A fetched CRL as a file, under the name that the reference gives it, so that it is there after a restart: cachecrls.
using Cygnet.Pki;

namespace Cygnet.Linux.Fetch;

static class CrlFile
{
    /// <summary>Nobody reads half a list; returns the line for the log.</summary>
    public static string Write(string directory, Crl crl)
    {
        var key = crl.AuthorityKeyId ?? System.Security.Cryptography.SHA1.HashData(crl.Issuer.Encoded);
        var path = $"{directory}/{Convert.ToHexStringLower(key)}{(crl.BaseNumber is null ? "" : "_delta")}.crl";
        try
        {
            WholeFile.Write(path, crl.Raw);
            return $"  written crl file '{path}' ({crl.Raw.Length} bytes)";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"  writing crl file '{path}' failed: {e.Message}";
        }
    }
}
