// A small file that others read, and a crash may interrupt: it has its old content or its new one, never a part. rename(2).
using System.Text;

namespace Cygnet.Linux;

static class WholeFile
{
    /// <summary>Writes beside the file, with the mode that new files get, and renames.</summary>
    /// <exception cref="IOException">Nothing has changed.</exception>
    /// <exception cref="UnauthorizedAccessException">Nothing has changed.</exception>
    internal static void Write(string path, ReadOnlySpan<byte> content)
    {
        var beside = Path.Combine(Path.GetDirectoryName(path) ?? "", $".{Path.GetFileName(path)}.{Environment.ProcessId}");
        try
        {
            File.WriteAllBytes(beside, content);
            File.Move(beside, path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            File.Delete(beside); // on a full disk it is there, and short
            throw;
        }
    }

    internal static void Write(string path, string content) => Write(path, Encoding.UTF8.GetBytes(content));
}
